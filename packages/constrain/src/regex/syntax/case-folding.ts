import { type CharSet, charSet, has, rangesOf } from './char-set.js';
import { codePointsMatching } from './unicode-property.js';

/** Code points that are equal when case is ignored, two or more a group. */
type Groups = readonly (readonly number[])[];
let unicodeGroups: Groups | undefined;
let legacyGroups: Groups | undefined;

/**
 * Adds what flag `i` makes equal (ECMAScript Canonicalize).
 * @param unicode simple case folding, as with flag `u`; otherwise single UTF-16 units by
 * toUpperCase
 */
export function closeUnderCase(set: CharSet, unicode: boolean): CharSet {
  if (set.length === 0 || set[set.length - 1] < 0x80) return closeAscii(set, unicode);
  unicodeGroups ??= unicode ? groups(unicodeKin) : undefined;
  legacyGroups ??= unicode ? undefined : groups(legacyKin);
  const ranges = rangesOf(set);
  for (const group of (unicode ? unicodeGroups : legacyGroups)!)
    if (group.some((codePoint) => has(set, codePoint)))
      for (const codePoint of group) ranges.push([codePoint, codePoint]);
  return charSet(ranges);
}

/** The same for ASCII, where the table of all scripts is not worth its time. */
function closeAscii(set: CharSet, unicode: boolean): CharSet {
  const ranges = rangesOf(set);
  for (let upper = 0x41; upper <= 0x5a; upper++) {
    if (!has(set, upper) && !has(set, upper + 0x20)) continue;
    ranges.push([upper, upper], [upper + 0x20, upper + 0x20]);
    // The Kelvin sign and the long s fold to ASCII letters.
    if (unicode && upper === 0x4b) ranges.push([0x212a, 0x212a]);
    if (unicode && upper === 0x53) ranges.push([0x17f, 0x17f]);
  }
  return charSet(ranges);
}

/**
 * Groups of code points connected by `kin`, which is given a character and the first one with the
 * same upper case.
 */
function groups(kin: (char: string, sameUpper: string) => string[]): Groups {
  const cased = codePointsMatching(/[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]+/gu);
  const groupOf = new Map<number, Set<number>>();
  const firstWithUpper = new Map<string, string>();
  for (const [first, last] of rangesOf(cased)) {
    for (let codePoint = first; codePoint <= last; codePoint++) {
      const char = String.fromCodePoint(codePoint);
      const sameUpper = firstWithUpper.get(char.toUpperCase()) ?? char;
      firstWithUpper.set(char.toUpperCase(), sameUpper);
      const merged = new Set([codePoint]);
      for (const other of [char, ...kin(char, sameUpper)].map((other) => other.codePointAt(0)!))
        for (const member of groupOf.get(other) ?? [other]) merged.add(member);
      for (const member of merged) groupOf.set(member, merged);
    }
  }
  return [...new Set(groupOf.values())]
    .filter((group) => group.size > 1)
    .map((group) => [...group]);
}

/** Simple case folding is not exposed; the engine's own matching decides on the candidates. */
function unicodeKin(char: string, sameUpper: string): string[] {
  const candidates = [char.toLowerCase(), char.toUpperCase(), sameUpper].filter(
    (other) => other !== char && [...other].length === 1,
  );
  return candidates.filter((other) => /^(.)\1$/iu.test(char + other));
}

/**
 * ECMAScript Canonicalize without flag `u`: the upper case, if it is one unit and does not lead
 * from beyond ASCII into it.
 */
function legacyKin(char: string): string[] {
  const upper = char.toUpperCase();
  if (char.length > 1 || upper.length > 1 || upper === char) return [];
  if (char.charCodeAt(0) >= 128 && upper.charCodeAt(0) < 128) return [];
  return [upper];
}
