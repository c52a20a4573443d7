import { type Decoder, parseArguments } from '@pliant/core';
import {
  promptCompress,
  promptCompressOptions,
  type SelectionOptions,
} from '@pliant/prompt-compress';
import { z } from 'zod/v4';
import {
  type DraftingDecoder,
  draftingDecoderSchema,
  middlewareEntry,
  type PresetOptions,
  presetOptionsSchema,
} from '../entry.js';

const { draft, draftTokenizer, onCompressed, ...shape } = promptCompressOptions.shape;

/**
 * `draft` is the number of the model's first layers that read the prompt; 10 by default, or as
 * measured for the model.
 */
export const promptCompressEntry = middlewareEntry({
  options: z.strictObject({
    ...shape,
    keep: shape.keep.optional(),
    draft: z.int().min(1).optional(),
  }),
  // What else the descriptor records (heads, minTokens) the middleware finds itself, so that
  // options beside it are not refused.
  defaults: (_, { defaults }) => ({ keep: 200, draft: measuredDraft(defaults) ?? 10 }),
  make: (options, decoder) => promptCompress(withDraft(options, decoder)),
});

/**
 * The options of `promptCompress` and `compressText`: the given ones over the preset's defaults,
 * the draft opened.
 */
export function compressOptions(
  given: PresetOptions,
  decoder: DraftingDecoder,
): SelectionOptions & { readonly draft: Decoder } {
  parseArguments('compressOptions', compressArguments, { given, decoder });
  return withDraft({ ...promptCompressEntry.defaults(given, decoder), ...given }, decoder);
}

const compressArguments = z.strictObject({
  given: presetOptionsSchema,
  decoder: draftingDecoderSchema,
});

function withDraft({ draft: layers, ...options }: PresetOptions, decoder: DraftingDecoder) {
  const opened = decoder.draft({ layers: layers as number });
  return { draft: opened, ...options } as SelectionOptions & { readonly draft: Decoder };
}

function measuredDraft(defaults: DraftingDecoder['defaults']): number | undefined {
  return (defaults?.['prompt-compress'] as { readonly draft?: number } | undefined)?.draft;
}
