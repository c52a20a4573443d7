export * from './needle.js';
export * from './run-needles.js';
export * from './truncate-prompt.js';
