export * from './errors.js';
export * from './from-transformers.js';
export type { HubProgress } from './hub.js';
export type { LibraryName } from './library.js';
export type { PlainCapability } from './missing-capabilities.js';
export * from './open-tokenizer.js';
