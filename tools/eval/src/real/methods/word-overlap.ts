import { bm25 } from '@pliant/prompt-compress/selection';

/**
 * Okapi BM25 of texts, its terms their words: a score for each text, 0 for one without a word of
 * the query.
 */
export function wordOverlap(query: string, texts: readonly string[]): number[] {
  return [...bm25(query, texts, wordsOf)];
}

/** Runs of letters, marks and digits, in lower case. */
function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}
