import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NgramIndex } from './prompt-lookup-index.js';

function indexOf(tokens: readonly number[], ngram = 3): NgramIndex {
  const index = new NgramIndex(ngram);
  for (const token of tokens) index.append(token);
  return index;
}

/**
 * By looking at every place: the longest equal end of those after the longest n-gram that occurs
 * earlier, the latest of equal ones.
 */
function findSlowly(tokens: readonly number[], ngram: number) {
  const end = tokens.length;
  const equal = (place: number) => {
    let count = 0;
    while (count < 32 && count < place && tokens[place - 1 - count] === tokens[end - 1 - count])
      count++;
    return count;
  };
  const places = Array.from({ length: Math.max(0, end - 1) }, (_, i) => i + 1);
  const best = Math.max(0, ...places.map(equal));
  for (let n = Math.min(ngram, best); n > 0; n--) {
    // The index compares the 8 latest places of the n-gram.
    const latest = places.filter((place) => equal(place) >= n).slice(-8);
    const length = Math.max(0, ...latest.map(equal));
    if (length >= n) return { next: latest.findLast((place) => equal(place) === length), length };
  }
  return undefined;
}

describe('NgramIndex', () => {
  it('finds the longest end that stood before', () => {
    expect(indexOf([1, 2, 3, 9, 2, 3, 8, 1, 2, 3]).find()).toEqual({ next: 3, length: 3 });
    expect(indexOf([7, 7, 7]).find()).toEqual({ next: 2, length: 2 });
    expect(indexOf([1, 2, 3]).find()).toBeUndefined();
    expect(indexOf([]).find()).toBeUndefined();
  });

  it('takes the latest of equal places, and the longest before the latest', () => {
    expect(indexOf([5, 1, 6, 1, 7, 1]).find()).toEqual({ next: 4, length: 1 });
    expect(indexOf([9, 8, 1, 2, 3, 0, 1, 2, 4, 9, 8, 1, 2], 2).find()).toEqual({
      next: 4,
      length: 4,
    });
  });

  it('finds what looking at every place finds, after tokens were taken back too', () => {
    const tokens = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 });
    fc.assert(
      fc.property(tokens, tokens, fc.integer({ min: 1, max: 5 }), (kept, gone, ngram) => {
        const index = indexOf(kept, ngram);
        for (const token of gone) index.append(token);
        for (const _ of gone) index.pop();
        expect(index.length).toBe(kept.length);
        expect(index.find()).toEqual(findSlowly(kept, ngram));
      }),
    );
  });
});
