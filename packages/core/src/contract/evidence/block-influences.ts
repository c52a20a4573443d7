import { z } from 'zod/v4';
import type { Evidence, EvidenceRow } from './evidence-row.js';
import { poolArithmeticMeans, poolGeometricMeans } from './pool-means.js';

/**
 * How much each layer changes the hidden state h that it is given, over the new tokens t (or a
 * sample of them, evenly spaced).
 */
export interface BlockInfluences {
  /**
   * [layers], 1 - mean_t cos(h_t before, h_t after), 0 to 2 (ShortGPT, Men et al. 2024,
   * arXiv:2403.03853). A skipped layer's is 0.
   */
  readonly influences: Float32Array;
  /**
   * [layers], geometric mean over t of |h_t after| / |h_t before|: the arithmetic one (AdaSkip, He
   * et al. 2025, arXiv:2501.02336) is ruled by the first token, whose state some layers make
   * hundreds of times larger. A skipped layer's is 1.
   */
  readonly normRatios: Float32Array;
}

export type BlockInfluencesEvidence = Evidence<'block.influences', boolean, BlockInfluences>;

export const blockInfluences: EvidenceRow<BlockInfluencesEvidence> = {
  capability: 'block.influences',
  noun: 'hidden states',
  schema: z.boolean(),
  isWanted: (want) => want === true,
  inChunk: (want) => want,
  pool: (before, next, share) => ({
    influences: poolArithmeticMeans(before?.influences, next.influences, share),
    normRatios: poolGeometricMeans(before?.normRatios, next.normRatios, share),
  }),
};
