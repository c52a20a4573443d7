import type { Effect } from '../measure/measurements.js';

/**
 * How much of a choice among sets is there to be had. Gains are relative to the KL of the first
 * set.
 */
export interface OracleGap {
  /** The best set of each prompt, chosen by the tokens that score it: partly fitted noise. */
  readonly naive: number;
  /** The best set of each prompt by the first half of its tokens, scored on the other half. */
  readonly splitHalf: number;
}

/** @param effects [n][K]; the first set is the static one */
export function oracleGap(effects: readonly (readonly Effect[])[]): OracleGap {
  const gain = (pick: (own: readonly Effect[]) => number, score: (effect: Effect) => number) => {
    const fixed = effects.reduce((sum, own) => sum + score(own[0]), 0);
    const chosen = effects.reduce((sum, own) => sum + score(own[pick(own)]), 0);
    return 1 - chosen / fixed;
  };
  const best = (own: readonly Effect[], by: (effect: Effect) => number) => {
    const costs = own.map(by);
    return costs.indexOf(Math.min(...costs));
  };
  return {
    naive: gain(
      (own) => best(own, ({ kl }) => kl),
      ({ kl }) => kl,
    ),
    splitHalf: gain(
      (own) => best(own, ({ halves }) => halves[0]),
      ({ halves }) => halves[1],
    ),
  };
}
