import { describe, expect, it } from 'vitest';
import { candidateSets } from './candidate-sets.js';
import { randomSet, shuffledIndices } from './random-sets.js';

describe('candidateSets', () => {
  it('are the static one, that of all prompts and those of families, each once', () => {
    const alone = [
      [0, 1, 2, 9, 9],
      [0, 9, 9, 1, 2],
      [0, 9, 9, 2, 1],
    ];
    const sets = candidateSets([2, 1], 2, alone, ['a', 'b', 'b']);
    expect(sets).toEqual([
      [2, 1],
      [3, 4],
    ]);
    expect(candidateSets([2, 3], 2, alone, ['a', 'b', 'b'])).toHaveLength(3);
  });
});

describe('random sets', () => {
  it('are of different candidates, the same for a stream', () => {
    const set = randomSet([3, 5, 7, 9], 3, 'a');
    expect(new Set(set).size).toBe(3);
    expect(randomSet([3, 5, 7, 9], 3, 'a')).toEqual(set);
    expect(randomSet([3, 5], 3, 'a')).toHaveLength(2);
    expect([...shuffledIndices(9, 'b')].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
