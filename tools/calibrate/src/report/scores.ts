import { readFile } from 'node:fs/promises';
import { InvalidOptionsError, parseOptions } from '@pliant/core';
import { fromJsonLines } from '@pliant/shared/json-lines';
import type { Interval } from '@pliant/shared/statistics';
import { z } from 'zod';

const schema = z.object({
  axis: z.tuple([z.string()]),
  rows: z.array(
    z.object({
      method: z.string(),
      budget: z.number().nullable(),
      average: z.object({ stringMatch: z.object({ mean: z.number(), standardError: z.number() }) }),
    }),
  ),
});

/** A method's share of right answers. */
export interface ScoreRow {
  readonly method: string;
  /** 0: the full model. */
  readonly skip: number;
  /** 0 to 1; mean and 95 % interval of the normal approximation. */
  readonly score: Interval;
}

/**
 * Reads the rows of `tools/eval ... layers --out`, layers.jsonl.
 * @throws InvalidOptionsError for another file; the file system's errors
 */
export async function readScores(path: string): Promise<ScoreRow[]> {
  const lines = fromJsonLines(await readFile(path, 'utf8'));
  const { axis, rows } = parseOptions(path, schema, lines);
  if (axis[0] !== 'layers skipped')
    throw new InvalidOptionsError(path, [{ path: 'axis', message: 'is not layers skipped' }]);
  return rows.map(({ method, budget, average }) => {
    const { mean, standardError } = average.stringMatch;
    const half = 1.96 * standardError;
    return {
      method,
      skip: budget ?? 0,
      score: { mean, low: Math.max(0, mean - half), high: Math.min(1, mean + half) },
    };
  });
}
