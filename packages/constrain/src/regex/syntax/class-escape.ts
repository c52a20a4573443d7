import { closeUnderCase } from './case-folding.js';
import { type CharSet, charSet, complement } from './char-set.js';

const digits = charSet([[0x30, 0x39]]);
const wordCharacters = charSet([
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]);
const whiteSpace = charSet([
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]);
export const lineTerminators = charSet([
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]);

/** The characters that `.` matches without flag `s`. */
export const notLineTerminator = complement(lineTerminators);

/** The set of `\d \D \s \S \w \W`, undefined for other letters. */
export function classEscape(letter: string, flags: string): CharSet | undefined {
  switch (letter) {
    case 'd':
      return digits;
    case 'D':
      return complement(digits);
    case 's':
      return whiteSpace;
    case 'S':
      return complement(whiteSpace);
    case 'w':
      return word(flags);
    case 'W':
      return complement(word(flags));
    default:
      return undefined;
  }
}

/**
 * With flags `i` and `u`, two characters that fold to ASCII letters count as well (the long s and
 * the Kelvin sign).
 */
function word(flags: string): CharSet {
  return flags.includes('i') && flags.includes('u')
    ? closeUnderCase(wordCharacters, true)
    : wordCharacters;
}
