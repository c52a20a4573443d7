import { AcceptRate } from './accept-rate.js';

/**
 * Classes of matches up to `length` tokens long. `prior`: how often the token that followed is
 * assumed to follow again.
 */
const classes = [
  { length: 1, prior: 0.15 },
  { length: 2, prior: 0.3 },
  { length: 3, prior: 0.45 },
  { length: 4, prior: 0.55 },
  { length: 6, prior: 0.65 },
  { length: 9, prior: 0.75 },
  { length: 15, prior: 0.85 },
  { length: Number.POSITIVE_INFINITY, prior: 0.9 },
];
/** Number of observations that a prior is worth. */
const priorWeight = 4;

/**
 * Estimates how often the token after a repeated text is the one that followed before, by the
 * length of the repetition.
 */
export class AcceptByMatch {
  readonly #rates: readonly AcceptRate[];

  constructor(rates = classes.map(({ prior }) => new AcceptRate(prior, priorWeight))) {
    this.#rates = rates;
  }

  /** @param match length of the repetition in tokens, 1 or more */
  of(match: number): AcceptRate {
    return this.#rates[classes.findIndex(({ length }) => match <= length)];
  }

  copy(): AcceptByMatch {
    return new AcceptByMatch(this.#rates.map((rate) => rate.copy()));
  }
}
