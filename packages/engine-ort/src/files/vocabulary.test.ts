import { describe, expect, it } from 'vitest';
import { tokensOf } from './vocabulary.js';

describe('tokensOf', () => {
  const added = [{ id: 4, content: '<end>' }];

  it('orders a BPE vocabulary by id, with gaps where no token is', () => {
    const tokens = tokensOf({ model: { vocab: { b: 1, a: 0 } }, added_tokens: added });
    expect(tokens).toEqual(['a', 'b', undefined, undefined, '<end>']);
  });

  it('reads a Unigram vocabulary in its order', () => {
    const vocab = [
      ['x', -1],
      ['y', -2],
    ];
    expect(tokensOf({ model: { vocab } })).toEqual(['x', 'y']);
  });

  it('finds none in other files, and allocates nothing for absurd ids', () => {
    for (const json of [null, {}, { model: {} }, 'text', 3]) expect(tokensOf(json)).toBeUndefined();
    expect(tokensOf({ model: { vocab: { a: 0, b: 2 ** 31, c: -1, d: 0.5 } } })).toEqual(['a']);
  });
});
