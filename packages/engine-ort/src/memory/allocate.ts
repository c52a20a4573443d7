import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { OutOfMemoryError } from '../errors.js';
import { totalMemory } from './total-memory.js';
import { countFreed } from './trim-heap.js';

/**
 * Zeroed memory for tensors.
 * @param what for the error message
 * @throws OutOfMemoryError for more than the machine has
 */
export function allocateFloats(count: number, what: string): Float32Array {
  const bytes = count * Float32Array.BYTES_PER_ELEMENT;
  refuseHuge(bytes, what);
  try {
    return new Float32Array(count);
  } catch (cause) {
    throw outOfMemory(bytes, what, cause);
  }
}

/**
 * Refuses huge allocations. On most systems they succeed until their pages are touched, and then
 * the process is killed.
 * @throws OutOfMemoryError
 */
export function refuseHuge(bytes: number, what: string): void {
  if (!(bytes <= totalMemory)) throw outOfMemory(bytes, what);
}

function outOfMemory(bytes: number, what: string, cause?: unknown): OutOfMemoryError {
  const [asked, total] = [bytes, totalMemory].map((size) => (size / 2 ** 20).toFixed(0));
  return new OutOfMemoryError(
    `${what} needs ${asked} MB; this machine has ${total} MB. Use fewer rows (a budget), shorter chunks, or fewer sequences.`,
    { cause },
  );
}

/** A port without another end: what is transferred to it is freed. */
const nowhere = closedPort();
function closedPort(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}

/**
 * Frees the memory of arrays now instead of at a later garbage collection. Their views become
 * empty. Use it only for memory that no tensor of a runtime refers to any more.
 */
export function freeFloats(arrays: readonly Float32Array[]): void {
  const buffers = arrays.map(({ buffer }) => buffer).filter(({ byteLength }) => byteLength > 0);
  if (buffers.length === 0) return;
  const bytes = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
  nowhere.postMessage(null, buffers as ArrayBuffer[]);
  countFreed(bytes);
}
