import type { Middleware } from '@pliant/core';

/**
 * A middleware that changes nothing and copies the logits of every step to `logits`, first step
 * first.
 */
export function recordLogits(logits: Float32Array[]): Middleware<'record-logits'> {
  return {
    specificationVersion: 'v1',
    name: 'record-logits',
    requires: [],
    create: () => ({
      adjust: (given) => {
        logits.push(given.slice());
      },
    }),
  };
}
