import { withinCharacters } from './graphemes.js';
import { segmentEnds } from './segment-ends.js';

const words = new Intl.Segmenter('en', { granularity: 'word' });

const unspaced =
  '[\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmr}\\p{sc=Mymr}]';
/** A character of a word or number, in a script with blanks between words. */
const solid = `(?:(?!${unspaced})[\\p{L}\\p{M}\\p{N}_])`;
/**
 * Signs that join two of them: an apostrophe, hyphens, the points of a file name, the colons of a
 * time, the commas of an amount.
 */
const joint = [
  "['’ʼ\\-‐‑.@/\\\\&+·~°²³״׳\u00ad\u200c\u200d]",
  '(?<=[0-9A-Fa-f]):{1,2}(?=[0-9A-Fa-f])',
  '(?<=\\p{Nd})[,٫٬٪–−×_](?=\\p{Nd})',
  '(?<=\\p{Nd})[\u00a0\u2009\u202f](?=\\p{Nd}{3})',
  '(?<=[eE])[+\\-−](?=\\p{Nd})',
].join('|');

/**
 * Numbers in groups: telephone numbers, thousands with blanks, card and account numbers. Longer
 * rows are lists.
 */
const grouped = [
  '(?:\\+|(?<![\\p{L}\\p{N}])\\(\\+?)\\d{1,5}\\)?(?:[ \\-.\u2011/]{1,2}\\(?\\d{1,5}\\)?(?!\\d)){1,7}',
  '(?<![\\p{L}\\p{N}]|\\p{N} )\\d{1,4}(?: \\d{2,4}(?![\\p{L}\\p{N}])){1,5}(?:[.,]\\d+)?(?! \\d)(?![\\p{L}\\p{N}])',
  '(?<![\\p{L}\\p{N}])[A-Z]{2}\\d{2}(?: [A-Z0-9]{4}(?![\\p{L}\\p{N}])){2,8}(?: [A-Z0-9]{1,4}(?![\\p{L}\\p{N}]))?',
].join('|');

const url = '[A-Za-z][A-Za-z0-9+.\\-]{1,20}://[^\\s<>"“”「」`，。；、）]+';

const isUnspaced = new RegExp(unspaced, 'u');

const blocks = new RegExp(
  `(?<url>${url})|(?<grouped>${grouped})|(?<solid>${solid}+(?:(?:${joint})${solid}+)*[%‰°€$£¥₹]?)|(?<unspaced>${unspaced}+)`,
  'gu',
);

/**
 * Marks where the smallest blocks of a text begin: words, numbers with all that belongs to them
 * (decimals, dates, times, versions, amounts, telephone numbers), codes, addresses, and other
 * single characters. A word or number includes the character before it, so two that stood apart
 * never touch.
 * @returns [text.length + 1], 1 where a block begins
 */
export function blockBegins(text: string): Uint8Array {
  const begins = new Uint8Array(text.length + 1).fill(1);
  const isWord = new Uint8Array(text.length + 1);
  for (const { index, 0: found, groups } of text.matchAll(blocks)) {
    const length = groups!.url ? urlLength(found) : found.length;
    begins.fill(0, index + 1, index + length);
    if (groups!.unspaced) for (const end of segmentEnds(words, found)) begins[index + end] = 1;
    else {
      isWord.fill(1, index, index + length);
      // A list of numbers is not a number.
      if (length > 40 && groups!.solid)
        for (const { index: comma } of found.matchAll(/,/g)) begins[index + comma] = 1;
    }
  }
  const within = withinCharacters(text);
  for (let at = 0; at <= text.length; at++) if (within[at]) begins[at] = 0;
  takeAlong(text, begins, isWord);
  return begins;
}

/** A sign that ends the sentence or closes the bracket around an address does not belong to it. */
function urlLength(url: string): number {
  let length = url.length;
  while (/[.,;:!?'")\]}]/.test(url[length - 1])) length--;
  return length;
}

/** Moves the beginning of each word to the character before it, and to the blank before that. */
function takeAlong(text: string, begins: Uint8Array, isWord: Uint8Array): void {
  const isBlank = (at: number) => /\s/.test(text[at] ?? '');
  for (let at = 1; at < text.length; at++) {
    if (!begins[at] || isBlank(at)) continue;
    if (!isWord[at]) {
      if (isBlank(at - 1) && isUnspaced.test(text[at])) begins[at] = 0;
      continue;
    }
    if (isWord[at - 1]) continue;
    let before = at - 1;
    while (!begins[before]) before--;
    if (isWord[before]) continue;
    begins[at] = 0;
    if (before > 0 && !isBlank(before) && isBlank(before - 1)) begins[before] = 0;
  }
}
