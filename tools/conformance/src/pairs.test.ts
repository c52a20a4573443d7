import { pairCases } from '@pliant/core/testing';
import { describe, test } from 'vitest';
import { subjects } from './subjects.js';

describe('every pair, in both orders', () => {
  for (const [index, second] of subjects.entries())
    for (const first of subjects.slice(0, index))
      for (const { name, run } of pairCases(first, second)) test(name, run);
});
