export * from './methods/truncate-prompt.js';
export * from './needle/needle.js';
export * from './needle/run-needles.js';
