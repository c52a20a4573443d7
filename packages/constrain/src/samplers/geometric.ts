import { type Choice, type Distribution, deadEnd } from '@pliant/core';
import { type SamplingLimits, sampleAwrs } from './awrs.js';
import { logAdd } from './log-add.js';
import { runSampling, type Sampling } from './sampling.js';

export interface GeometricSampling extends SamplingLimits {
  /** Accepted draws after which it stops, for a weight of less variance: 2 or more. Default 2. */
  readonly maxAccepts?: number;
}

/**
 * The geometric variant of adaptive weighted rejection sampling (the authors' code, genlm-control;
 * Lipkin et al. 2025, arXiv:2504.05410): as if tokens were drawn with replacement until
 * `maxAccepts` were accepted or `maxRejects` rejected, but a rejected token is not drawn again: how
 * often it would have been is a geometric variable. The same law of tokens as `awrs`, fewer checks
 * where one token has most of the mass, and E[exp(logWeight) 1(token = i)] = p_i likewise. Going on
 * with a mask draws the same counts from Z (ours).
 *
 * At temperature 0 it is the walk of `awrs`.
 * @param distribution rejected tokens are removed from it
 * @param accept the constraint; called at most once per token
 * @param random uniform in (0, 1)
 * @returns `deadEnd` when no token is accepted
 */
export function geometric(
  distribution: Distribution,
  accept: (token: number) => boolean,
  random: () => number,
  options: GeometricSampling = {},
): Choice {
  return runSampling(sampleGeometric(distribution, random, options), accept);
}

/** `geometric` as a sampler that is told what is allowed. */
export function* sampleGeometric(
  distribution: Distribution,
  random: () => number,
  options: GeometricSampling = {},
): Sampling {
  if (distribution.temperature === 0) return yield* sampleAwrs(distribution, random, options);
  const { maxAccepts = 2, maxRejects = Number.POSITIVE_INFINITY, mask } = options;
  const accepted = new Set<number>();
  const rejects = new Rejects(random, maxRejects);
  let rejected = 0;
  let accepts = 0;
  let token = -1;
  let drawn = options.first ?? distribution.draw(random);
  let onlyAllowed = false;
  while (drawn >= 0) {
    if (onlyAllowed || accepted.has(drawn) || (yield drawn)) {
      accepted.add(drawn);
      if (token < 0) token = drawn;
      if (++accepts === maxAccepts) break;
    } else {
      distribution.without(drawn);
      rejects.add();
      rejected++;
      const allowed = rejected === mask?.after ? mask.of() : undefined;
      if (allowed) {
        distribution.restrict(allowed);
        onlyAllowed = true;
      }
    }
    if (rejected > 0) rejects.addUnseen(distribution.logRemaining);
    if (rejects.isFull) break;
    drawn = distribution.draw(random);
  }
  if (accepts === 0) return deadEnd;
  const share = Math.min(maxAccepts - 1, accepts);
  return { token, logWeight: Math.log(share) - rejects.logDraws(accepts - 1) };
}

/** A count of rejected draws, which may be astronomical. */
class Rejects {
  #count = 0;
  #log = Number.NEGATIVE_INFINITY;

  constructor(
    readonly random: () => number,
    readonly max: number,
  ) {}

  get isFull(): boolean {
    return this.#count >= this.max && this.max < Number.POSITIVE_INFINITY;
  }

  add(): void {
    this.#count++;
    this.#log = logAdd(this.#log, 0);
  }

  /**
   * Adds the draws that would have hit a token rejected before, until one does not.
   * @param logRemaining log of the mass not rejected
   */
  addUnseen(logRemaining: number): void {
    if (logRemaining === Number.NEGATIVE_INFINITY) return;
    // -log(1 - mass), which is the mass where that is small.
    const logRate =
      logRemaining < -40 ? logRemaining : Math.log(-Math.log1p(-Math.exp(logRemaining)));
    const logUnseen = Math.log(-Math.log(this.random())) - logRate;
    const unseen = Math.floor(Math.exp(logUnseen));
    if (unseen === 0) return;
    this.#count += unseen;
    this.#log = logAdd(this.#log, logUnseen);
  }

  /** Log of `others` and the rejects, at most `max` of them. */
  logDraws(others: number): number {
    const count = Math.min(this.#count, this.max);
    return count < Number.MAX_SAFE_INTEGER ? Math.log(others + count) : this.#log;
  }
}
