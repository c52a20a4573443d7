import { z } from 'zod/v4';
import { parseOptions } from '../checks/parse-options.js';
import type { GenerateOptions } from '../contract/generation.js';

const schema = z.strictObject({
  maxNewTokens: z.int().min(1).default(256),
  temperature: z.number().min(0).default(0),
  topK: z.int().min(0).default(0),
  topP: z.number().gt(0).max(1).default(1),
  minP: z.number().min(0).lt(1).default(0),
  repetitionPenalty: z.number().gt(0).default(1),
  seed: z.int().default(0),
  stop: z.array(z.string().min(1)).readonly().default([]),
  signal: z.instanceof(AbortSignal).optional(),
});

export type ResolvedGenerateOptions = z.output<typeof schema>;

/** @throws InvalidOptionsError */
export function resolveGenerateOptions(options: GenerateOptions): ResolvedGenerateOptions {
  return parseOptions('generate', schema, options);
}
