import { describe, expect, it } from 'vitest';
import { OutOfMemoryError } from '../errors.js';
import { allocateFloats, freeFloats, refuseHuge } from './allocate.js';

describe('memory of tensors', () => {
  it('is zeroed, and gone once freed', () => {
    const floats = [allocateFloats(1000, 'a test'), allocateFloats(0, 'a test')];
    const view = floats[0].subarray(10);
    expect(floats[0].every((value) => value === 0)).toBe(true);
    freeFloats(floats);
    expect([floats[0].length, view.length, floats[1].length]).toEqual([0, 0, 0]);
    freeFloats(floats);
  });

  it('is refused beyond what the machine has', () => {
    for (const count of [2 ** 50, Number.POSITIVE_INFINITY, Number.NaN])
      expect(() => allocateFloats(count, 'A test')).toThrow(OutOfMemoryError);
    expect(() => refuseHuge(2 ** 60, 'A test')).toThrow(/^A test needs \d+ MB/);
  });
});
