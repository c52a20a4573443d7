import {
  type Capability,
  type Decoder,
  InvalidOptionsError,
  type Middleware,
  objectWith,
  PliantError,
} from '@pliant/core';
import { z } from 'zod/v4';

/** Options as plain JSON says them. */
export type PresetOptions = Readonly<Record<string, unknown>>;

/**
 * What a preset uses of the decoder: what was measured for its model, and drafts. Those of
 * @pliant/engine-ort have both.
 */
export interface DraftingDecoder {
  readonly defaults?: Decoder['defaults'];
  /** A decoder of the model's first layers. */
  draft(options: { readonly layers: number }): Decoder;
}

export const presetOptionsSchema = z.record(z.string(), z.unknown());

export const draftingDecoderSchema = objectWith<DraftingDecoder>(
  ['draft'],
  'must be a decoder that drafts, for example from openDecoder of @pliant/engine-ort',
);

interface Recipe {
  /**
   * The options as plain JSON: a policy, a selector or a constraint by its name, a draft by its
   * number of layers.
   */
  readonly options: z.ZodObject;
  /** Options that the preset adds to the given ones, where those leave them open. */
  defaults(given: PresetOptions, decoder: DraftingDecoder): PresetOptions;
  /**
   * @param options the given ones, and the defaults
   * @throws PresetError for a name or an option that there is not; what the middleware's own
   * factory throws
   */
  make(options: PresetOptions, decoder: DraftingDecoder): Middleware<string, Capability>;
}

/**
 * How a middleware is made from options that come from elsewhere: a command line, a file, a
 * request.
 */
export interface MiddlewareEntry extends Recipe {}

/**
 * A recipe whose schema refuses all that `make` refuses, such as options that exclude each other.
 */
export function middlewareEntry({ options, ...recipe }: Recipe): MiddlewareEntry {
  const { defaults, make } = recipe;
  return {
    ...recipe,
    options: options.superRefine((given, context) => {
      try {
        make({ ...defaults(given, standIn), ...given }, standIn);
      } catch (error) {
        if (!PliantError.isInstance(error)) throw error;
        const issues = InvalidOptionsError.isInstance(error)
          ? error.issues
          : [{ path: '', message: error.message }];
        for (const { path, message } of issues)
          context.addIssue({ code: 'custom', path: path.split('.').filter(Boolean), message });
      }
    }),
  };
}

/**
 * Options are checked before a model is open. A draft is looked at when a stack is built, not when
 * its middleware is made.
 */
const standIn: DraftingDecoder = {
  draft: () =>
    ({
      open: () => Promise.reject(new Error('no model is open')),
      close: () => Promise.resolve(),
      capabilities: new Set(),
      shape: { vocabulary: 0 },
    }) as unknown as Decoder,
};
