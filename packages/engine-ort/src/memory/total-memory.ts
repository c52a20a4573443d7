import os from 'node:os';

/** Bytes of memory that the process may use: what the machine has, or less where a container limits it. */
export const totalMemory = Math.min(
  os.totalmem(),
  process.constrainedMemory?.() || Number.POSITIVE_INFINITY,
);
