/**
 * The starts of a sequence's suffixes, in ascending order of the suffixes: prefix doubling with
 * counting sorts (Manber and Myers 1990), O(n log n) time whatever repeats, O(n) memory.
 * @param symbols [n], 0 and above
 * @returns [n]
 */
export function suffixArray(symbols: ArrayLike<number>): Uint32Array {
  const n = symbols.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  order.sort((a, b) => symbols[a] - symbols[b]);
  let rank = new Uint32Array(n);
  let next = new Uint32Array(n);
  for (let i = 1; i < n; i++)
    rank[order[i]] = rank[order[i - 1]] + (symbols[order[i]] > symbols[order[i - 1]] ? 1 : 0);
  const bySecond = new Uint32Array(n);
  const starts = new Uint32Array(n + 1);
  for (let length = 1; length < n && rank[order[n - 1]] < n - 1; length *= 2) {
    // Suffixes by what stands `length` symbols on: first those that end before, then in the order
    // known.
    let at = 0;
    for (let i = n - length; i < n; i++) bySecond[at++] = i;
    for (let i = 0; i < n; i++) if (order[i] >= length) bySecond[at++] = order[i] - length;
    starts.fill(0);
    for (let i = 0; i < n; i++) starts[rank[i] + 1]++;
    for (let i = 0; i < n; i++) starts[i + 1] += starts[i];
    for (let i = 0; i < n; i++) order[starts[rank[bySecond[i]]]++] = bySecond[i];
    const second = (i: number) => (i + length < n ? rank[i + length] + 1 : 0);
    next[order[0]] = 0;
    for (let i = 1; i < n; i++) {
      const [a, b] = [order[i - 1], order[i]];
      next[b] = next[a] + (rank[a] !== rank[b] || second(a) !== second(b) ? 1 : 0);
    }
    [rank, next] = [next, rank];
  }
  return order;
}
