import { LogitsError } from '../contract/errors.js';

/** The forward that logits come from, for the error. */
export interface LogitsSource {
  /** The decoder's id. */
  readonly decoder: string;
  /** Position of the token whose forward gave them. */
  readonly position: number;
}

/**
 * Refuses logits that nothing can be chosen by: NaN or Infinity, as a damaged or overflowing model
 * gives them, or -Infinity for every token. A token may have -Infinity: a model's way to say that
 * it is impossible.
 * @param logits [vocabulary]
 * @throws LogitsError
 */
export function checkLogits(logits: Float32Array, source: LogitsSource): void {
  let sum = 0;
  for (let id = 0; id < logits.length; id++) sum += logits[id];
  // Finite together, finite each.
  if (!Number.isFinite(sum)) refuseWrong(logits, source);
}

/**
 * The token that a draft writes greedily: of equal logits the lowest id.
 * @param logits [vocabulary]
 * @throws LogitsError as `checkLogits`
 */
export function mostProbable(logits: Float32Array, source: LogitsSource): number {
  let best = 0;
  let sum = 0;
  for (let id = 0; id < logits.length; id++) {
    sum += logits[id];
    if (logits[id] > logits[best]) best = id;
  }
  if (!Number.isFinite(sum)) refuseWrong(logits, source);
  return best;
}

function refuseWrong(logits: Float32Array, { decoder, position }: LogitsSource): void {
  let possible = 0;
  let wrong = 0;
  for (const logit of logits)
    if (Number.isNaN(logit) || logit === Number.POSITIVE_INFINITY) wrong++;
    else if (logit > Number.NEGATIVE_INFINITY) possible++;
  if (wrong > 0)
    throw new LogitsError(decoder, position, `${wrong} of ${logits.length} are NaN or Infinity`);
  if (possible === 0) throw new LogitsError(decoder, position, 'all of them are -Infinity');
}
