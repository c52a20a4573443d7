import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suffixArray } from './suffix-array.js';

describe('suffixArray', () => {
  it('sorts the suffixes', () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 });
    fc.assert(
      fc.property(bytes, (symbols) => {
        const suffix = (at: number) => Buffer.from(symbols.slice(at));
        const expected = [...symbols.keys()].sort((a, b) => Buffer.compare(suffix(a), suffix(b)));
        expect([...suffixArray(symbols)]).toEqual(expected);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('takes a text that repeats itself throughout', () => {
    const n = 100_000;
    const order = suffixArray(new Uint8Array(n));
    expect(order[0]).toBe(n - 1);
    expect(order[n - 1]).toBe(0);
  });
});
