import { AcceptRate } from './accept-rate.js';

/** Matches up to `length` tokens long, and how often what followed them is assumed to follow again. */
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
/** Observations that a prior counts as. */
const priorWeight = 4;

/** How often the token after a repeated text is the one that followed before, by the length of the repetition. */
export class AcceptByMatch {
  readonly #rates: readonly AcceptRate[];

  constructor(rates = classes.map(({ prior }) => new AcceptRate(prior, priorWeight))) {
    this.#rates = rates;
  }

  /** @param match tokens that are equal before, 1 or more */
  of(match: number): AcceptRate {
    return this.#rates[classes.findIndex(({ length }) => match <= length)];
  }

  copy(): AcceptByMatch {
    return new AcceptByMatch(this.#rates.map((rate) => rate.copy()));
  }
}
