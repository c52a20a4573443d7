import type { Choice } from '@pliant/core';

/**
 * A sampler at work: gives the tokens that it wants tested, one by one, is told of each whether it
 * is allowed, and returns its choice.
 */
export type Sampling = Generator<number, Choice, boolean>;

/** Tests the tokens that a sampler gives. A promise only where `accept` returned one. */
export function runSampling(sampling: Sampling, accept: (token: number) => boolean): Choice;
export function runSampling(
  sampling: Sampling,
  accept: (token: number) => boolean | Promise<boolean>,
): Choice | Promise<Choice>;
export function runSampling(
  sampling: Sampling,
  accept: (token: number) => boolean | Promise<boolean>,
): Choice | Promise<Choice> {
  let step = sampling.next();
  while (!step.done) {
    const answer = accept(step.value);
    if (typeof answer !== 'boolean') return runAsynchronously(sampling, accept, answer);
    step = sampling.next(answer);
  }
  return step.value;
}

async function runAsynchronously(
  sampling: Sampling,
  accept: (token: number) => boolean | Promise<boolean>,
  first: Promise<boolean>,
): Promise<Choice> {
  let step = sampling.next(await first);
  while (!step.done) step = sampling.next(await accept(step.value));
  return step.value;
}
