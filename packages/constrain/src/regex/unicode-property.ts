import { type CharSet, charSet, lastCodePoint } from './char-set.js';

const cache = new Map<string, CharSet>();
/** Divides the planes so that a chunk is all surrogates or none, and all of one UTF-16 width. */
const chunkSize = 0x800;

/**
 * Code points that `\p{name}` matches, by asking the engine's own RegExp: the same Unicode version, every property it knows.
 * @param name what stands between the braces, known to be valid
 */
export function unicodeProperty(name: string): CharSet {
  const known = cache.get(name);
  if (known) return known;
  const set = codePointsMatching(new RegExp(`\\p{${name}}+`, 'gu'));
  cache.set(name, set);
  return set;
}

/**
 * Code points that a regular expression matches; surrogates never do, since text in UTF-8 has none.
 * @param runs global and unicode, matches runs of the code points wanted
 */
export function codePointsMatching(runs: RegExp): CharSet {
  const ranges: [number, number][] = [];
  for (let from = 0; from <= lastCodePoint; from += chunkSize) {
    if (from >= 0xd800 && from < 0xe000) continue;
    const text = String.fromCodePoint(...Array.from({ length: chunkSize }, (_, i) => from + i));
    const width = text.length / chunkSize;
    for (const match of text.matchAll(runs)) {
      const first = from + match.index / width;
      ranges.push([first, first + match[0].length / width - 1]);
    }
  }
  return charSet(ranges);
}
