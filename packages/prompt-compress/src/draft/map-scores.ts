/**
 * Maps scores of the draft's tokens to those of the prompt if the two split the same bytes
 * differently. A token of the prompt gets the maximum or the sum over the draft's tokens that hold
 * one of its bytes; 0 if it has no bytes.
 * @param score [m], of the draft's tokens
 * @param draftEnds [m], byte offset after each of them
 * @param ends [n], byte offset after each token of the prompt
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
