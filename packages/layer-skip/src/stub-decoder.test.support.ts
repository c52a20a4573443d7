import type { Decoder } from '@pliant/core';

/**
 * A decoder that is only looked at, never opened.
 * @param defaults what its descriptor says for this package
 */
export function stubDecoder(layers: number, defaults?: unknown): Decoder {
  return {
    id: 'test',
    capabilities: new Set(['layers.skip', 'kv.edit'] as const),
    shape: { layers, heads: 1, kvHeads: 1, headDim: 1, hidden: 1, vocabulary: 1, maxPositions: 1 },
    defaults: defaults === undefined ? undefined : { 'layer-skip': defaults },
    open: () => Promise.reject(new Error('not opened here')),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
