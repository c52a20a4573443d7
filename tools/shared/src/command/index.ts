export { type Command, command } from './command.js';
export { count, counts, names } from './option-kinds.js';
export { runCommand, runCommands } from './run-command.js';
export { saveFile } from './save-file.js';
