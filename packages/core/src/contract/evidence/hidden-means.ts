import { z } from 'zod/v4';
import type { Evidence, EvidenceRow } from './evidence-row.js';
import { poolArithmeticMeans } from './pool-means.js';

export type HiddenMeansEvidence = Evidence<'hidden.means', boolean, Float32Array>;

export const hiddenMeans: EvidenceRow<HiddenMeansEvidence> = {
  capability: 'hidden.means',
  noun: 'hidden states',
  schema: z.boolean(),
  isWanted: (want) => want === true,
  inChunk: (want) => want,
  pool: poolArithmeticMeans,
};
