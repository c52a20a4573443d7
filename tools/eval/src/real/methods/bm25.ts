/** Okapi BM25's usual parameters: how soon repetitions saturate, and how much length counts. */
const k1 = 1.2;
const b = 0.75;

/**
 * Scores texts against a query by Okapi BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond"). A word in n of N texts weighs ln(1 + (N - n + 0.5) / (n + 0.5)),
 * which is never negative. A word that the query repeats counts once.
 * @returns a score for each text, 0 for one without a word of the query
 */
export function bm25(query: string, texts: readonly string[]): number[] {
  const words = texts.map(wordsOf);
  const meanLength = words.reduce((sum, { length }) => sum + length, 0) / words.length;
  const counts = words.map((own) => {
    const count = new Map<string, number>();
    for (const word of own) count.set(word, (count.get(word) ?? 0) + 1);
    return count;
  });
  const weights = [...new Set(wordsOf(query))].map((word) => {
    const holding = counts.filter((count) => count.has(word)).length;
    return { word, weight: Math.log(1 + (texts.length - holding + 0.5) / (holding + 0.5)) };
  });
  return counts.map((count, i) => {
    const length = words[i].length / meanLength;
    return weights.reduce((sum, { word, weight }) => {
      const times = count.get(word);
      if (!times) return sum;
      return sum + (weight * times * (k1 + 1)) / (times + k1 * (1 - b + b * length));
    }, 0);
  });
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
