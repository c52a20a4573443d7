import { type PromptLookupOptions, promptLookup, promptLookupOptions } from '@pliant/speculate';
import { middlewareEntry } from '../entry.js';

export const promptLookupEntry = middlewareEntry({
  options: promptLookupOptions,
  defaults: () => ({}),
  make: (options) => promptLookup(options as PromptLookupOptions),
});
