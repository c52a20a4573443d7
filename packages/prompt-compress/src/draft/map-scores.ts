/**
 * Scores of the draft's tokens on those of the prompt, where both tell the same bytes apart differently: a token of the prompt gets the maximum or the
 * sum over the draft's tokens that hold a byte of it. 0 for a token without bytes.
 * @param score [m], of the draft's tokens
 * @param draftEnds [m], byte offset behind each of them
 * @param ends [n], byte offset behind each token of the prompt
 * @returns [n]
 */
export function mapScores(
  score: Float64Array,
  draftEnds: Int32Array,
  ends: Int32Array,
  reduction: 'max' | 'sum',
): Float64Array {
  const mapped = new Float64Array(ends.length);
  let first = 0;
  for (let token = 0; token < ends.length; token++) {
    const begin = token === 0 ? 0 : ends[token - 1];
    while (first < draftEnds.length && draftEnds[first] <= begin) first++;
    let reached = begin;
    for (let i = first; reached < ends[token]; i++) {
      mapped[token] =
        reduction === 'max' ? Math.max(mapped[token], score[i]) : mapped[token] + score[i];
      reached = draftEnds[i];
    }
  }
  return mapped;
}
