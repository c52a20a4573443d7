import type { TensorData } from './runtime.js';

/**
 * Checks element counts before every call. With a wrong one the runtime reads or writes outside the
 * array, which ends the process.
 */
export function checkDims(data: TensorData, dims: readonly number[]): void {
  let count = 1;
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0) throw new RangeError(`tensor dimension ${dim}`);
    count *= dim;
  }
  if (count !== data.length)
    throw new RangeError(`tensor [${dims.join(', ')}] over an array of ${data.length} elements`);
}
