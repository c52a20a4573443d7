export * from './base/errors.js';
export type { PlainCapability } from './decoder/missing-capabilities.js';
export * from './from-transformers.js';
export type { HubProgress } from './library/hub.js';
export type { LibraryName } from './library/library.js';
export * from './open-tokenizer.js';
