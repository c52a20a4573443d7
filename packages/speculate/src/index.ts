export { type PromptLookupOptions, promptLookup } from './prompt-lookup/prompt-lookup.js';
export { type SelfSpeculateOptions, selfSpeculate } from './self-speculate/self-speculate.js';
