export { parseStack } from './parse-stack.js';
export { readSettingFiles } from './read-setting-files.js';
