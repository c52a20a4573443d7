import { bm25 } from './bm25.js';

/** Characters of a gram; 2 in scripts without blanks between words, whose words are that short. */
const gram = 4;

const words = /[\p{L}\p{M}\p{N}]+/gu;
const unspaced =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;

/**
 * Measures how much of a question stands in each passage by Okapi BM25. Its terms are the runs of 4
 * characters of each word with its borders (McNamee and Mayfield 2004), so that inflected and
 * compound words match without rules for a language.
 * @returns [passages], 0 or more
 */
export function lexicalOverlap(question: string, passages: readonly string[]): Float64Array {
  return bm25(question, passages, gramsOf);
}

function gramsOf(text: string): string[] {
  const grams: string[] = [];
  for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(words)) {
    const isUnspaced = unspaced.test(word);
    const length = isUnspaced ? 2 : gram;
    const bordered = isUnspaced ? word : `^${word}$`;
    if (bordered.length <= length) grams.push(bordered);
    else
      for (let at = 0; at + length <= bordered.length; at++)
        grams.push(bordered.slice(at, at + length));
  }
  return grams;
}
