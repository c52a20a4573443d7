import { type Decoder, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import { headsSchema, type RetrievalHead } from './retrieval-heads.js';

// Not strict: the descriptor also records which draft serves the model best.
const schema = z.object({
  minTokens: z.int().min(0).default(0),
  heads: headsSchema.optional(),
});

/**
 * Returns the prompt length from which a draft pays off on a model, from its descriptor; 0 if it
 * was not measured.
 * @throws InvalidOptionsError if the descriptor says something else
 */
export function measuredMinTokens(decoder: Decoder): number {
  return measured(decoder).minTokens;
}

/**
 * Returns the retrieval heads of a draft's model, from its descriptor. Undefined if they were not
 * measured, or lie deeper than the draft reaches.
 * @throws InvalidOptionsError if the descriptor says something else
 */
export function measuredHeads(draft: Decoder): readonly RetrievalHead[] | undefined {
  const { heads } = measured(draft);
  const { layers } = draft.shape;
  return heads?.every(({ layer }) => layer < layers) ? heads : undefined;
}

function measured({ defaults, id }: Decoder): z.output<typeof schema> {
  const where = `prompt-compress defaults of decoder '${id}'`;
  return parseOptions(where, schema, defaults?.['prompt-compress'] ?? {});
}
