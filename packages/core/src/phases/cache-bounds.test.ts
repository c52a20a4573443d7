import { describe, expect, it } from 'vitest';
import { boundedChunk, rowsToOpen } from './cache-bounds.js';

const sizes = { chunkSize: 512, maxPositions: 8192 };

describe('rowsToOpen', () => {
  it('takes no more than the context', () => {
    expect(rowsToOpen(100, 1e9, sizes, { decode: 2e9 })).toEqual({ rows: 8192, maxRows: 8192 });
    expect(rowsToOpen(100, 1e9, sizes, { prefill: 2e9, decode: 320 }).maxRows).toBe(8192);
  });

  it('has room for the prompt and some of the answer', () => {
    expect(rowsToOpen(2000, 48, sizes, undefined)).toEqual({ rows: 2048 });
    expect(rowsToOpen(2000, 10_000, sizes, undefined)).toEqual({ rows: 2256 });
  });

  it('takes a chunk more than what is left between chunks', () => {
    expect(rowsToOpen(100_000, 48, sizes, { prefill: 256 })).toEqual({ rows: 768 });
    expect(rowsToOpen(300, 48, sizes, { prefill: 256 })).toEqual({ rows: 304 });
  });

  it('stays within a bound on decoding', () => {
    const bounds = { prefill: 256, decode: 320 };
    expect(rowsToOpen(100_000, 100_000, sizes, bounds)).toEqual({ rows: 768, maxRows: 768 });
    expect(rowsToOpen(100, 100_000, sizes, bounds)).toEqual({ rows: 320, maxRows: 768 });
    expect(rowsToOpen(100, 20, sizes, bounds)).toEqual({ rows: 120, maxRows: 768 });
    expect(rowsToOpen(4096, 99, sizes, { decode: 320 })).toEqual({ rows: 4096, maxRows: 4096 });
  });
});

describe('boundedChunk', () => {
  it('is the chunk size where reading is not bounded, or the bound is kept', () => {
    expect(boundedChunk(sizes, 4000)).toBe(512);
    expect(boundedChunk(sizes, 4000, { decode: 100 })).toBe(512);
    expect(boundedChunk(sizes, 256, { prefill: 256 })).toBe(512);
  });

  it('ends within the context where rows are numbered anew', () => {
    const small = { chunkSize: 512, maxPositions: 256 };
    expect(boundedChunk(small, 0, { prefill: 64 })).toBe(512);
    expect(boundedChunk(small, 0, { prefill: 64, renumbers: true })).toBe(191);
    expect(boundedChunk(small, 80, { prefill: 64, renumbers: true, beyond: 8 })).toBe(167);
    expect(boundedChunk(small, 0, { prefill: 255, renumbers: true })).toBe(1);
  });

  it('is shorter by the rows above the bound and those read behind the prompt, to a limit', () => {
    expect(boundedChunk(sizes, 300, { prefill: 256 })).toBe(468);
    expect(boundedChunk(sizes, 300, { prefill: 256, beyond: 16 })).toBe(452);
    expect(boundedChunk(sizes, 3000, { prefill: 256 })).toBe(64);
    expect(boundedChunk({ ...sizes, chunkSize: 32 }, 3000, { prefill: 256 })).toBe(32);
  });
});
