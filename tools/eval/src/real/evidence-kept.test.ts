import { expect, it } from 'vitest';
import { evidenceKept } from './evidence-kept.js';

/** A token for each of the ranges of bytes. */
const kept = (text: string, ...ranges: [number, number][]) => ({
  text,
  byteStart: Int32Array.from(ranges, ([from]) => from),
  byteEnd: Int32Array.from(ranges, ([, to]) => to),
});

it('is the share of bytes, over all passages', () => {
  // 'é' has two bytes, so that 'bcd' stands at bytes 3 to 6 and 'x' at 7.
  const share = (...ranges: [number, number][]) =>
    evidenceKept(kept('éabcd x', ...ranges), 'abcd x', ['bcd', 'x']);
  expect(share([0, 8])).toBe(1);
  expect(share([0, 3])).toBe(0);
  expect(share([2, 5])).toBe(0.5);
  expect(share([4, 5], [7, 8])).toBe(0.5);
});

it('refuses a document that the prompt does not hold', () => {
  expect(() => evidenceKept(kept('abc', [0, 3]), 'x', ['x'])).toThrow('does not stand');
});
