/** Okapi's constants as in most engines (Robertson and Zaragoza 2009). */
const k1 = 1.2;
const b = 0.75;
/** Characters of a gram; 2 in scripts without blanks between words, whose words are that short. */
const gram = 4;

const words = /[\p{L}\p{M}\p{N}]+/gu;
const unspaced =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;

/**
 * How much of what a question says stands in each passage: Okapi BM25 over the passages, its terms the runs of 4 characters of each word with its borders
 * (McNamee and Mayfield 2004), so that inflected and compound words meet without rules for a language.
 * @returns [passages], 0 or more
 */
export function lexicalOverlap(question: string, passages: readonly string[]): Float64Array {
  const asked = new Set(gramsOf(question));
  const lengths: number[] = [];
  /** Of each passage how often each gram that is asked for stands in it. */
  const counts: Map<string, number>[] = [];
  const found = new Map<string, number>();
  for (const passage of passages) {
    const grams = gramsOf(passage);
    const own = new Map<string, number>();
    for (const one of grams) if (asked.has(one)) own.set(one, (own.get(one) ?? 0) + 1);
    for (const one of own.keys()) found.set(one, (found.get(one) ?? 0) + 1);
    lengths.push(grams.length);
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
