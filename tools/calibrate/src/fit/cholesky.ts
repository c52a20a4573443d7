/**
 * The inverse of a symmetric positive definite matrix by its Cholesky factor.
 * @param matrix [n, n], row by row; not changed
 * @throws RangeError where it is not positive definite
 */
export function invertPositiveDefinite(matrix: Float64Array, n: number): Float64Array {
  const lower = choleskyFactor(matrix, n);
  const inverse = new Float64Array(n * n);
  const column = new Float64Array(n);
  for (let c = 0; c < n; c++) {
    column.fill(0);
    column[c] = 1;
    solveInPlace(lower, column, n);
    for (let row = 0; row < n; row++) inverse[row * n + c] = column[row];
  }
  return inverse;
}

/**
 * [n, n], L with L L' = matrix, its upper part 0.
 * @throws RangeError where the matrix is not positive definite
 */
export function choleskyFactor(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let row = 0; row < n; row++)
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column];
      for (let k = 0; k < column; k++) sum -= lower[row * n + k] * lower[column * n + k];
      if (row === column) {
        if (!(sum > 0)) throw new RangeError('the matrix is not positive definite');
        lower[row * n + row] = Math.sqrt(sum);
      } else lower[row * n + column] = sum / lower[column * n + column];
    }
  return lower;
}

/** Solves L L' x = b in the place of b. @param lower [n, n] */
export function solveInPlace(lower: Float64Array, b: Float64Array, n: number): void {
  for (let row = 0; row < n; row++) {
    let sum = b[row];
    for (let k = 0; k < row; k++) sum -= lower[row * n + k] * b[k];
    b[row] = sum / lower[row * n + row];
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = b[row];
    for (let k = row + 1; k < n; k++) sum -= lower[k * n + row] * b[k];
    b[row] = sum / lower[row * n + row];
  }
}
