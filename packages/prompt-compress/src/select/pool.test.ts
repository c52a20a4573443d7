import { describe, expect, it } from 'vitest';
import { pool } from './pool.js';

const score = Float64Array.of(0.1, 0.9, 0.2, 0.3, 0.05, 0.6, 0.4);

describe('pool', () => {
  it('takes the maximum, an even kernel reaching further to the right', () => {
    expect([...pool(score, 3, 'max')]).toEqual([0.9, 0.9, 0.9, 0.3, 0.6, 0.6, 0.6]);
    expect([...pool(score, 4, 'max')]).toEqual([0.9, 0.9, 0.9, 0.6, 0.6, 0.6, 0.6]);
  });

  it('averages, dividing by the kernel at the borders too', () => {
    const expected = [0.3, 0.375, 0.3625, 0.2875, 0.3375, 0.2625, 0.25];
    pool(score, 4, 'mean').forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 12);
    });
  });

  it.each(['max', 'mean'] as const)('changes nothing with kernel 1 (%s)', (kind) => {
    expect(pool(score, 1, kind)).toEqual(score);
  });

  it('takes kernels wider than the prompt', () => {
    expect([...pool(Float64Array.of(1, 3), 8, 'mean')]).toEqual([0.5, 0.5]);
  });
});
