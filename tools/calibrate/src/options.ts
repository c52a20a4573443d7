import { z } from 'zod';

const whole = z.coerce.number().int().min(1);

/** The command line's options. */
export const calibrateOptions = z.strictObject({
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

export type CalibrateOptions = z.output<typeof calibrateOptions>;

export const usage = `node tools/calibrate/dist/main.js --state FILE --out FILE --report FOLDER [options]

  --state FILE           the journal: what was measured is not measured again in a later run
  --out FILE             for the calibration
  --report FOLDER        for the report
  --prompts FILE         JSON lines (default: the shipped prompts)
  --count N              prompts, at most (default 300)
  --model FOLDER         (default: the embedded model)
  --tokens N             of a continuation, at most; 8 or more (default 24)
  --length N             layers in the order (default 12)
  --breadth N            candidates tried in each greedy step (default 12)
  --greedy-prompts N     training prompts that the order is found on (default 48)
  --test-share SHARE     of each family, kept from every fit (default 0.25)
  --unseen-family NAME   nothing is fitted on it (default: the last of three or more)
  --threads N            of the engine (default: all cores)
  --speeds FILE          what tools/bench layer-skip --json wrote
  --scores FILE          what tools/eval layers --out wrote
  --estimate N           measures N prompts and says how long the whole would take
`;
