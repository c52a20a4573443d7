import { type CharSet, charSet, has, rangesOf } from './char-set.js';
import { codePointsMatching } from './unicode-property.js';

/** Code points that are equal when case is ignored, two or more a group. */
type Groups = readonly (readonly number[])[];
let unicodeGroups: Groups | undefined;
let legacyGroups: Groups | undefined;

/**
 * Adds what flag `i` makes equal (ECMAScript Canonicalize).
 * @param unicode simple case folding, as with flag `u`; otherwise single UTF-16 units by toUpperCase
 */
export function closeUnderCase(set: CharSet, unicode: boolean): CharSet {
  unicodeGroups ??= unicode ? groups(unicodeKin) : undefined;
  legacyGroups ??= unicode ? undefined : groups(legacyKin);
  const ranges = rangesOf(set);
  for (const group of (unicode ? unicodeGroups : legacyGroups)!)
    if (group.some((codePoint) => has(set, codePoint)))
      for (const codePoint of group) ranges.push([codePoint, codePoint]);
  return charSet(ranges);
}

/** Groups of code points connected by `kin`. */
function groups(kin: (char: string) => string[]): Groups {
  const cased = codePointsMatching(/[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]+/gu);
  const groupOf = new Map<number, Set<number>>();
  for (const [first, last] of rangesOf(cased)) {
    for (let codePoint = first; codePoint <= last; codePoint++) {
      const char = String.fromCodePoint(codePoint);
      const merged = new Set([codePoint]);
      for (const other of [char, ...kin(char)].map((other) => other.codePointAt(0)!))
        for (const member of groupOf.get(other) ?? [other]) merged.add(member);
      for (const member of merged) groupOf.set(member, merged);
    }
  }
  return [...new Set(groupOf.values())]
    .filter((group) => group.size > 1)
    .map((group) => [...group]);
}

/** Simple case folding is not exposed; the engine's own matching decides on the candidates. */
function unicodeKin(char: string): string[] {
  const candidates = [char.toLowerCase(), char.toUpperCase()].filter(
    (other) => other !== char && [...other].length === 1,
  );
  return candidates.filter((other) => new RegExp(`^${char}$`, 'iu').test(other));
}

/** ECMAScript Canonicalize without flag `u`: the upper case, if it is one unit and does not lead from beyond ASCII into it. */
function legacyKin(char: string): string[] {
  const upper = char.toUpperCase();
  if (char.length > 1 || upper.length > 1 || upper === char) return [];
  if (char.charCodeAt(0) >= 128 && upper.charCodeAt(0) < 128) return [];
  return [upper];
}
