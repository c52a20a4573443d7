import { parseArgs } from 'node:util';
import { parseOptions } from '@pliant/core';
import { z } from 'zod';

const whole = z.coerce.number().int().min(1);

const schema = z.strictObject({
  prompts: z.string().optional(),
  count: whole.default(300),
  tokens: whole.min(8).default(24),
  length: whole.default(12),
  breadth: whole.default(12),
  'greedy-prompts': whole.default(48),
  'test-share': z.coerce.number().gt(0).lt(1).default(0.25),
  'unseen-family': z.string().optional(),
  model: z.string().optional(),
  threads: whole.optional(),
  state: z.string(),
  out: z.string(),
  report: z.string(),
  speeds: z.string().optional(),
  scores: z.string().optional(),
  estimate: whole.optional(),
});

export type CalibrateOptions = z.output<typeof schema>;

/** @throws InvalidOptionsError, and what `parseArgs` throws for an unknown option */
export function parseCalibrateOptions(args: readonly string[]): CalibrateOptions {
  const names = Object.keys(schema.shape);
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  });
  return parseOptions('calibrate', schema, values);
}
