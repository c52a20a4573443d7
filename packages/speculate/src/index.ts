export {
  type PromptLookupOptions,
  promptLookup,
  promptLookupOptions,
} from './prompt-lookup/prompt-lookup.js';
export {
  type SelfSpeculateOptions,
  selfSpeculate,
  selfSpeculateOptions,
} from './self-speculate/self-speculate.js';
