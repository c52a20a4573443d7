export * from './kv-drop.js';
export type * from './policy.js';
export * from './snap-kv.js';
export * from './streaming-llm.js';
