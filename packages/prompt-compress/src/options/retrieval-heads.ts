import { z } from 'zod/v4';

/**
 * A query head of the draft that attends to what answers a question (Wu et al. 2024,
 * arXiv:2404.15574). Layers and heads count from 0.
 */
export interface RetrievalHead {
  readonly layer: number;
  readonly head: number;
}

export const headsSchema = z
  .array(z.strictObject({ layer: z.int().min(0), head: z.int().min(0) }))
  .min(1)
  .readonly();
