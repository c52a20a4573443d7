import { type SelfSpeculateOptions, selfSpeculate, selfSpeculateOptions } from '@pliant/speculate';
import { z } from 'zod/v4';
import { middlewareEntry } from '../entry.js';

/** Six layers are skipped where nothing says which or how many. */
export const selfSpeculateEntry = middlewareEntry({
  options: z.strictObject(selfSpeculateOptions.shape),
  defaults: (given) => (given.layers ? {} : { skip: 6 }),
  make: (options) => selfSpeculate(options as SelfSpeculateOptions),
});
