import type { ForwardTimes } from './forward-times.js';

/** Drafts must be expected to be so much faster. */
const margin = 1.05;

export interface DraftExpectation {
  /** Probability that the draft's token `at` (from 0) is right, given that those before it are. */
  accepts(at: number): number;
  readonly times: ForwardTimes;
  /** What it takes to draft a token, in the unit of `times`. */
  readonly draftTime: number;
}

/**
 * The number of tokens to draft that gives the most tokens in a unit of time; 0 where decoding token by token does as well.
 * @param most at most so many
 */
export function draftLength({ accepts, times, draftTime }: DraftExpectation, most: number): number {
  const one = times.of(1);
  if (one === undefined) return 0;
  let best = { length: 0, speed: margin / one };
  let allRight = 1;
  // The verification gives a token of its own behind the accepted ones.
  let tokens = 1;
  for (let length = 1; length <= most; length++) {
    allRight *= accepts(length - 1);
    tokens += allRight;
    const speed = tokens / (times.of(length + 1)! + length * draftTime);
    if (speed > best.speed) best = { length, speed };
  }
  return best.length;
}
