/** Counts the marks that are 1. */
export function countMarks(marks: Uint8Array): number {
  let count = 0;
  for (const mark of marks) count += mark;
  return count;
}

/** Returns the indices of the marks that are 1, ascending. */
export function indicesOf(marks: Uint8Array): Int32Array {
  const indices = new Int32Array(countMarks(marks));
  let next = 0;
  for (let i = 0; i < marks.length; i++) if (marks[i]) indices[next++] = i;
  return indices;
}
