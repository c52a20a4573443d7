/**
 * The rotary positions that a `ScoresRequest` with `future` averages over: those after `last` that
 * are within the context, and its last one where none is. For decoders.
 * @returns [1 to `future`], ascending
 */
export function futurePositions(last: number, future: number, maxPositions: number): Int32Array {
  const first = Math.min(last + 1, maxPositions - 1);
  const count = Math.min(future, maxPositions - first);
  return Int32Array.from({ length: count }, (_, index) => first + index);
}
