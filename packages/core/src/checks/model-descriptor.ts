import { z } from 'zod/v4';
import { allCapabilities, type Capability } from '../contract/capability.js';
import { asGiven, pathSchema } from './argument-schemas.js';
import { show } from './show.js';

/**
 * The export of a model package: the place of its files, and what is known of the model before it
 * is read.
 */
export interface ModelDescriptor<Have extends Capability = Capability> {
  readonly id: string;
  /**
   * Absolute path of the folder with config.json and tokenizer.json. Nothing outside it is
   * opened.
   */
  readonly folder: string;
  /** The ONNX file, relative to `folder`. */
  readonly file: string;
  /** Verified when the decoder opens. */
  readonly capabilities: readonly Have[];
  /** Measured options for middlewares on this model, by middleware name. */
  readonly defaults?: { readonly [middleware: string]: unknown };
}

const capabilitySchema = z.enum(allCapabilities, {
  error: ({ input }) =>
    `${show(input)} is not a capability; they are ${allCapabilities.join(', ')}`,
});

const descriptorSchema = z.looseObject({
  id: z.string().min(1),
  folder: pathSchema,
  file: pathSchema,
  capabilities: z.array(capabilitySchema).readonly(),
  defaults: z.record(z.string(), z.unknown()).optional(),
});

/** The source that a model is opened from: its descriptor, a path or a hub id. */
export const modelSourceSchema = asGiven<ModelDescriptor | string>(
  z.union([z.string(), z.looseObject({})], {
    error: ({ input }) =>
      `must be the descriptor of a model, its folder or its file, not ${show(input)}`,
  }),
  (source) => (typeof source === 'string' ? pathSchema : descriptorSchema),
);
