import { describe, expect, it } from 'vitest';
import type { Answer } from '../evaluate/answers.js';
import { budgetsOf, summarise } from './summarise.js';

/** An answer for each mark: by task, then by seed. */
function answersOf(
  method: string,
  budget: number | null,
  marks: readonly (readonly number[])[],
  kl = 0,
): Answer[] {
  return marks.flatMap((own, task) =>
    own.map((mark, seed) => ({
      task: `task ${task}`,
      seed,
      method,
      budget,
      text: '',
      stringMatch: mark,
      kl,
      topOne: mark,
    })),
  );
}

const answers = [
  ...answersOf('full', null, [[1, 1], [1]]),
  ...answersOf('specKV', 64, [[1, 0], [1]], 0.1),
  ...answersOf('near', 64, [[1, 0], [0.6]], 0.3),
  ...answersOf('far', 64, [[0, 0], [0.5]], 0.2),
  ...answersOf('specKV', 32, [[0, 0], [0]], 0.5),
];
const rows = summarise(answers, 'specKV');

describe('summarise', () => {
  it('has a row for each method and budget, full first', () => {
    expect(rows.map(({ method, budget }) => [method, budget])).toEqual([
      ['full', null],
      ['specKV', 64],
      ['near', 64],
      ['far', 64],
      ['specKV', 32],
    ]);
    expect(budgetsOf(rows)).toEqual([32, 64]);
  });

  it('averages over tasks', () => {
    // Task means 0.5 and 1, standard errors 0.5 and 0.
    expect(rows[1].average.stringMatch).toEqual({ mean: 0.75, standardError: 0.25 });
    expect(rows[1].perTask['task 0']).toEqual({ mean: 0.5, standardError: 0.5 });
  });

  it('compares with specKV prompt by prompt', () => {
    expect(rows[0].difference).toBeUndefined();
    expect(rows[1].difference).toBeUndefined();
    expect(rows[2].difference?.stringMatch.mean).toBeCloseTo(-0.2, 12);
    expect(rows[2].difference?.stringMatch.standardError).toBe(0);
    expect(rows[3].difference?.stringMatch).toEqual({ mean: -0.5, standardError: 0.25 });
  });

  it('marks the best of each budget and what is within its standard error', () => {
    expect(rows.map(({ standing }) => standing.stringMatch)).toEqual([
      undefined,
      'best',
      'within',
      undefined,
      'best',
    ]);
  });

  it('takes the lowest KL as the best', () => {
    expect(rows.map(({ standing }) => standing.kl)).toEqual([
      undefined,
      'best',
      undefined,
      undefined,
      'best',
    ]);
  });
});
