import { describe, expect, it } from 'vitest';
import { MeasuredTimes } from './forward-times.js';

describe('MeasuredTimes', () => {
  it('knows nothing before one row was measured', () => {
    const times = new MeasuredTimes();
    times.add(4, 9);
    expect(times.of(1)).toBeUndefined();
    expect(times.of(4)).toBeUndefined();
  });

  it('is the median of the latest, and assumes 0.3 of one more for each row that was not measured', () => {
    const times = new MeasuredTimes();
    for (const ms of [100, 10, 11, 10, 12, 10]) times.add(1, ms);
    expect(times.of(1)).toBe(10);
    expect(times.of(3)).toBeCloseTo(16, 9);
    times.add(3, 20);
    expect(times.of(2)).toBeCloseTo(13, 9);
    expect(times.of(3)).toBe(20);
    expect(times.of(5)).toBeCloseTo(26, 9);
  });

  it('forgets after 128 forwards what several rows took', () => {
    const times = new MeasuredTimes();
    times.add(1, 10);
    times.add(8, 500);
    for (let i = 0; i < 127; i++) times.add(1, 10);
    const copy = times.copy();
    expect(times.of(8)).toBe(500);
    times.add(1, 10);
    expect(times.of(8)).toBeCloseTo(31, 9);
    expect(copy.of(8)).toBe(500);
  });
});
