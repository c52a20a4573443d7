import type { HeadTable } from './head-table.js';

/** How far down the evidence of each question is when sentences are ranked: [questions] each. */
export interface EvidencePlaces {
  /**
   * Tokens of the sentences that come before the best one with evidence; of equally good ones the
   * evidence comes last.
   */
  readonly tokensBefore: Float64Array;
  /** 1 for the best sentence. */
  readonly rank: Float64Array;
}

/** @param worths [sentences of the table], the more the better */
export function evidencePlaces(
  { offsets, lengths, isEvidence, questions }: HeadTable,
  worths: Float32Array,
): EvidencePlaces {
  const tokensBefore = new Float64Array(questions);
  const rank = new Float64Array(questions);
  for (let question = 0; question < questions; question++) {
    const from = offsets[question];
    const to = offsets[question + 1];
    let best = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) if (isEvidence[i] === 1 && worths[i] > best) best = worths[i];
    let tokens = 0;
    let place = 1;
    for (let i = from; i < to; i++) {
      if (isEvidence[i] === 1 || worths[i] < best) continue;
      tokens += lengths[i];
      place++;
    }
    tokensBefore[question] = tokens;
    rank[question] = place;
  }
  return { tokensBefore, rank };
}

/** Tokens before the evidence at which it is worth half of what it is in front. */
const halfAt = 150;

/**
 * The utility that heads are chosen by, 0 to 1 for each question: a share found would be too coarse
 * for some dozens of questions.
 */
export function utilities({ tokensBefore }: EvidencePlaces): Float64Array {
  return tokensBefore.map((tokens) => 1 / (1 + tokens / halfAt));
}
