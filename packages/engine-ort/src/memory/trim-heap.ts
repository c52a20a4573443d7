/** Bytes freed before it is worth looking for pages to give back. */
const worthwhile = 16 * 2 ** 20;

let freed = 0;
let trimming: Promise<void> | undefined;
let planned = false;

/** Counts freed memory, and gives it back to the system in the background once it is worth it. */
export function countFreed(bytes: number): void {
  freed += bytes;
  if (freed < worthwhile || planned) return;
  planned = true;
  // After the work at hand, which may be freeing more.
  setImmediate(async () => {
    await trimming;
    planned = false;
    await trimHeap();
  });
}

/**
 * Gives freed memory back to the operating system. glibc keeps freed memory for later allocations,
 * so the process would seem never to shrink. Does nothing with other C libraries, or if FFI cannot
 * be loaded. Takes some 30 ms on another thread.
 */
export function trimHeap(): Promise<void> {
  freed = 0;
  trimming ??= trim().finally(() => {
    trimming = undefined;
  });
  return trimming;
}

async function trim(): Promise<void> {
  if (process.platform !== 'linux') return;
  try {
    const { default: koffi } = await import('koffi');
    const mallocTrim = koffi.load(null).func('malloc_trim', 'int', ['size_t']);
    await new Promise<void>((resolve) => mallocTrim.async(0, () => resolve()));
  } catch {
    // No such function (musl), or no FFI: nothing to give back with.
  }
}
