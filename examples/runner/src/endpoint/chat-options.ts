import { parseOptions } from '@pliant/core';
import { z } from 'zod';

const schema = z.object({
  maxNewTokens: z.int().min(1),
  temperature: z.number().min(0),
  seed: z.int(),
});

/** How an answer is drawn, as in `generate` of the pipeline. */
export type ChatOptions = z.output<typeof schema>;

/** @throws InvalidOptionsError */
export const parseChatOptions = (given: ChatOptions): ChatOptions =>
  parseOptions('generate', schema, given);
