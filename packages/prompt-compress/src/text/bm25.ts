/** How soon repetitions saturate, and how much length counts: the constants of most engines. */
const k1 = 1.2;
const b = 0.75;

/**
 * Scores passages against a query by Okapi BM25 (Robertson and Zaragoza 2009, "The Probabilistic
 * Relevance Framework: BM25 and Beyond"). A term in n of N passages weighs ln(1 + (N - n + 0.5) /
 * (n + 0.5)), which is never negative. A term that the query repeats counts once.
 * @param termsOf the terms of a text, repeated as often as they stand in it
 * @returns [passages], 0 for a passage without a term of the query
 */
export function bm25(
  query: string,
  passages: readonly string[],
  termsOf: (text: string) => readonly string[],
): Float64Array {
  const asked = new Set(termsOf(query));
  const lengths: number[] = [];
  /** How often each term of the query stands in each passage. */
  const counts: Map<string, number>[] = [];
  const found = new Map<string, number>();
  for (const passage of passages) {
    const terms = termsOf(passage);
    const own = new Map<string, number>();
    for (const one of terms) if (asked.has(one)) own.set(one, (own.get(one) ?? 0) + 1);
    for (const one of own.keys()) found.set(one, (found.get(one) ?? 0) + 1);
    lengths.push(terms.length);
    counts.push(own);
  }
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const rarity = (one: string) => {
    const holding = found.get(one)!;
    return Math.log(1 + (passages.length - holding + 0.5) / (holding + 0.5));
  };
  return Float64Array.from(counts, (own, passage) => {
    const damping = k1 * (1 - b + (b * lengths[passage]) / mean);
    let sum = 0;
    for (const [one, count] of own) sum += (rarity(one) * count * (k1 + 1)) / (count + damping);
    return sum;
  });
}
