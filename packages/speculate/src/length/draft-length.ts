import type { ForwardTimes } from './forward-times.js';

/** Expected speed-up that a draft must exceed. */
const margin = 1.05;

export interface DraftExpectation {
  /** Probability that the draft's token `at` (from 0) is right, given that those before it are. */
  accepts(at: number): number;
  readonly times: ForwardTimes;
  /** Time of drafting one token, in the unit of `times`. */
  readonly draftTime: number;
}

/**
 * Draft length that gives the most tokens per unit of time. 0 if decoding token by token is as
 * fast.
 * @param most longest draft, in tokens
 */
export function draftLength({ accepts, times, draftTime }: DraftExpectation, most: number): number {
  const one = times.of(1);
  if (one === undefined) return 0;
  let best = { length: 0, speed: margin / one };
  let allRight = 1;
  // Verification yields one more token after the accepted ones.
  let tokens = 1;
  for (let length = 1; length <= most; length++) {
    allRight *= accepts(length - 1);
    tokens += allRight;
    const speed = tokens / (times.of(length + 1)! + length * draftTime);
    if (speed > best.speed) best = { length, speed };
  }
  return best.length;
}
