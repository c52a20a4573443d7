/** Clauses shorter than this are joined with the next one. UTF-16 units. */
const shortest = 12;

const clauseEnd =
  /[,;:](?=\s)|[、，；：,](?=[^\d\s])(?<=[、，；：])|\s[–—-](?=\s)|[)\]}"]?,(?=["{[])|(?<=[\p{sc=Thai}\p{sc=Lao}])(?=\s+[\p{sc=Thai}\p{sc=Lao}])/gu;

/**
 * Finds where the clauses of a sentence end, ascending: at commas, semicolons, colons and dashes,
 * and at the blanks of scripts that have few others.
 */
export function clauseEnds(sentence: string): number[] {
  const ends: number[] = [];
  let from = 0;
  for (const { index, 0: mark } of sentence.matchAll(clauseEnd)) {
    const end = index + mark.length;
    if (end - from < shortest) continue;
    ends.push(end);
    from = end;
  }
  return [...ends, sentence.length];
}
