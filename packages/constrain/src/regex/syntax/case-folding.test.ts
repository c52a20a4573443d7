import { describe, expect, it } from 'vitest';
import { closeUnderCase } from './case-folding.js';
import { charSet, rangesOf } from './char-set.js';

/** Cased code points, and some that are not. */
const cased: number[] = [];
for (let codePoint = 0; codePoint <= 0x1ffff; codePoint++) {
  if (codePoint >= 0xd800 && codePoint < 0xe000) continue;
  if (
    /[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]/u.test(
      String.fromCodePoint(codePoint),
    )
  )
    cased.push(codePoint);
}

function closed(codePoint: number, unicode: boolean): number[] {
  const set = closeUnderCase(charSet([[codePoint, codePoint]]), unicode);
  return rangesOf(set).flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
}

describe('closeUnderCase', () => {
  it.each([true, false])(
    'is what flag i makes equal, for every cased character, flag u: %s',
    (unicode) => {
      const candidates = cased.filter((codePoint) => unicode || codePoint < 0x10000);
      const all = candidates.map((codePoint) => String.fromCodePoint(codePoint)).join('');
      const flags = unicode ? 'giu' : 'gi';
      const wrong: string[] = [];
      for (const codePoint of candidates) {
        const hex = codePoint.toString(16).padStart(4, '0');
        const equal = all.match(new RegExp(unicode ? `\\u{${hex}}` : `\\u${hex}`, flags))!;
        const expected = equal.map((char) => char.codePointAt(0)!).sort((a, b) => a - b);
        if (closed(codePoint, unicode).join() !== expected.join())
          wrong.push(codePoint.toString(16));
      }
      expect(candidates.length).toBeGreaterThan(2000);
      expect(wrong).toEqual([]);
    },
  );

  it('leaves other characters alone', () => {
    for (const unicode of [true, false]) {
      expect(closed(0x30, unicode)).toEqual([0x30]);
      expect(closed(0x4e00, unicode)).toEqual([0x4e00]);
      expect(closeUnderCase([], unicode)).toEqual([]);
    }
  });
});
