import { describe, expect, it } from 'vitest';
import { mockDecoder } from '../testing/mock/mock-decoder.js';
import { readChunks } from './read-chunks.js';

const { signal } = new AbortController();
const idsOf = (length: number) => Int32Array.from({ length }, (_, i) => i % 7);

describe('readChunks', () => {
  it.each([
    [1, 0, 0, 1],
    [512, 0, 0, 512],
    [513, 0, 1, 1],
    [1300, 0, 2, 276],
    [1300, 300, 1, 788],
    [812, 300, 0, 812],
  ])('of %i ids, leaving %i, reads %i chunks', async (length, leave, chunks, left) => {
    const decoder = mockDecoder();
    const ids = idsOf(length);
    const rest = await readChunks(await decoder.open(), ids, { leave, signal });
    expect(decoder.calls.map((call) => [call.ids.length, call.want?.logits])).toEqual(
      Array.from({ length: chunks }, () => [512, 'none']),
    );
    expect([...rest]).toEqual([...ids.subarray(length - left)]);
  });

  it('reads nothing more after an abort', async () => {
    const decoder = mockDecoder();
    const controller = new AbortController();
    const sequence = await decoder.open();
    const reading = readChunks(
      {
        forward: (input) => {
          controller.abort();
          return sequence.forward({ ...input, signal: undefined });
        },
      },
      idsOf(2000),
      controller,
    );
    await expect(reading).rejects.toThrow('aborted');
    expect(decoder.calls).toHaveLength(1);
  });
});
