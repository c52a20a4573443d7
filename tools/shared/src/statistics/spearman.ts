/**
 * Spearman's rank correlation; equal values share their mean rank. NaN where one side never
 * changes.
 */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (x.length - 1) / 2;
  let products = 0;
  let squaresX = 0;
  let squaresY = 0;
  x.forEach((rank, i) => {
    products += (rank - mean) * (y[i] - mean);
    squaresX += (rank - mean) ** 2;
    squaresY += (y[i] - mean) ** 2;
  });
  return products / Math.sqrt(squaresX * squaresY);
}

function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((i, j) => values[i] - values[j]);
  const ranked = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let at = from; at < to; at++) ranked[order[at]] = (from + to - 1) / 2;
    from = to;
  }
  return ranked;
}
