import { runCommands } from '@pliant/shared/command';
import { compressCommand } from './commands/compress-command.js';
import { layersCommand } from './commands/layers-command.js';
import { needleCommand } from './commands/needle-command.js';
import { realCommand } from './commands/real-command.js';
import { runCommand } from './commands/run-command.js';
import { schemasCommand } from './commands/schemas-command.js';
import { tuneCommand } from './commands/tune-command.js';

const commands = [
  runCommand,
  compressCommand,
  layersCommand,
  needleCommand,
  realCommand,
  schemasCommand,
  tuneCommand,
];

await runCommands('eval', commands, process.argv.slice(2));
