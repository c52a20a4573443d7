/** Observations that the estimate remembers; older ones fade. */
const memory = 64;

/**
 * Estimates the share of drafted tokens that are right, from a prior that a few observations
 * outweigh.
 */
export class AcceptRate {
  #accepted: number;
  #seen: number;

  /**
   * @param prior share assumed at first, 0 to 1
   * @param weight observations that the prior is worth
   */
  constructor(prior: number, weight: number) {
    this.#accepted = prior * weight;
    this.#seen = weight;
  }

  get value(): number {
    return this.#accepted / this.#seen;
  }

  add(accepted: boolean): void {
    const fade = this.#seen < memory ? 1 : 1 - 1 / memory;
    this.#accepted = this.#accepted * fade + (accepted ? 1 : 0);
    this.#seen = this.#seen * fade + 1;
  }

  copy(): AcceptRate {
    const copy = new AcceptRate(0, 0);
    copy.#accepted = this.#accepted;
    copy.#seen = this.#seen;
    return copy;
  }
}
