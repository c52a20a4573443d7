export * from './errors.js';
export type { HubProgress } from './hub.js';
export type { LibraryName } from './library.js';
export * from './open-tokenizer.js';
