import os from 'node:os';

/**
 * Bytes of memory that the process may use: the machine's, or the container's limit if that is
 * less.
 */
export const totalMemory = Math.min(
  os.totalmem(),
  process.constrainedMemory?.() || Number.POSITIVE_INFINITY,
);
