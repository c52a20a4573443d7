import type { Decoder } from '@pliant/core';

/**
 * Options of `promptCompress` with which it is SpecPC as published: the last tokens ask, tokens are
 * kept, and all heads of the layers that the authors' code takes score. A start layer sets aside
 * the heads that were measured for the draft.
 */
export function specPC({ shape: { layers } }: Pick<Decoder, 'shape'>) {
  return {
    question: 'last',
    unit: 'token',
    heads: undefined,
    startLayer: Math.min(8, Math.floor(layers / 2)),
  } as const;
}
