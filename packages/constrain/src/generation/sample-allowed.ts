import type { Choice, Distribution } from '@pliant/core';
import { AnswersLaterError } from '../contract/answers-later-error.js';
import type { MaybePromise } from '../contract/maybe-promise.js';
import { sampleAwrs } from '../samplers/awrs.js';
import { sampleGeometric } from '../samplers/geometric.js';
import { masked } from '../samplers/masked.js';
import { runSampling } from '../samplers/sampling.js';
import type { ConstrainSettings } from './constrain-options.js';

/**
 * After this many rejections few tokens are likely to be allowed. Computing the mask, often cached,
 * is then cheaper than further tests.
 */
const defaultMaskAfter = 4;

/** The constraint as one step sees it. */
export interface Allowed {
  readonly test: (token: number) => MaybePromise<boolean>;
  /** The mask of the tokens that `test` allows. */
  readonly mask: () => Uint32Array;
  /**
   * Whether a mask is made unasked: not where it takes a call for each token, and not of answers
   * that come later.
   */
  readonly masksUnasked: () => boolean;
}

/**
 * One token by the sampler that the options name.
 * @param first drawn from the distribution already; -1 when there was none
 */
export function sampleAllowed(
  distribution: Distribution,
  settings: ConstrainSettings,
  random: () => number,
  first: number,
  { test, mask, masksUnasked }: Allowed,
): MaybePromise<Choice> {
  if (settings.sampler === 'mask') return masked(distribution, mask(), random, first);
  const { maskAfter, maxRejects } = settings;
  const limits = {
    first,
    maxRejects,
    mask:
      maskAfter === undefined
        ? { after: defaultMaskAfter, of: () => (masksUnasked() ? atOnce(mask) : undefined) }
        : { after: maskAfter, of: mask },
  };
  const sampling =
    settings.sampler === 'awrs'
      ? sampleAwrs(distribution, random, { ...limits, tail: settings.tail })
      : sampleGeometric(distribution, random, { ...limits, maxAccepts: settings.maxAccepts });
  return runSampling(sampling, test);
}

/** Undefined if the constraint answers later: its tokens are then tested. */
function atOnce(mask: () => Uint32Array): Uint32Array | undefined {
  try {
    return mask();
  } catch (error) {
    if (error instanceof AnswersLaterError) return undefined;
    throw error;
  }
}
