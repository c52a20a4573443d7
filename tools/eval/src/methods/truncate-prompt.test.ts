import { InvalidOptionsError, pipeline, randomStream } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { drawn, ends, truncatePrompt } from './truncate-prompt.js';

describe('ends', () => {
  it('keeps the first and the last', () => {
    expect([...ends(10, 5)]).toEqual([0, 1, 7, 8, 9]);
  });
});

describe('drawn', () => {
  it('keeps the window and as many others as asked for, ascending', () => {
    const kept = [...drawn(100, 30, 10, randomStream(1, 'test'))];
    expect(kept).toHaveLength(30);
    expect(kept.slice(20)).toEqual(Array.from({ length: 10 }, (_, i) => 90 + i));
    expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
  });

  it('keeps each of the others equally often', () => {
    const random = randomStream(2, 'test');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 2000; i++) for (const token of drawn(10, 4, 2, random)) counts[token]++;
    // 2 of 8: mean 500, standard deviation 19.
    for (const count of counts.slice(0, 8)) expect(Math.abs(count - 500)).toBeLessThan(90);
    expect(counts.slice(8)).toEqual([2000, 2000]);
  });
});

describe('truncatePrompt', () => {
  it('keeps the last tokens alone', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer: mockTokenizer() }).use(
      truncatePrompt({ keep: 70, kind: 'last' }),
    );
    const ids = Int32Array.from({ length: 100 }, (_, i) => 32 + (i % 90));
    await stack.generate({ ids }, { maxNewTokens: 1 });
    expect(decoder.calls[0].ids).toEqual([...ids.subarray(30)]);
  });

  it('refuses to keep less than the window', () => {
    expect(() => truncatePrompt({ keep: 10, kind: 'ends' })).toThrow(InvalidOptionsError);
  });
});
