import { type Decoder, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';

// Not strict: the descriptor also records which draft serves the model best.
const schema = z.object({ minTokens: z.int().min(0).default(0) });

/**
 * Prompt length from which a draft pays off on a model, from its descriptor; 0 where it was not measured.
 * @throws InvalidOptionsError for a descriptor that says something else
 */
export function measuredMinTokens({ defaults, id }: Decoder): number {
  const where = `prompt-compress defaults of decoder '${id}'`;
  return parseOptions(where, schema, defaults?.['prompt-compress'] ?? {}).minTokens;
}
