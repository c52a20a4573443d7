import { command, count, counts } from '@pliant/shared/command';
import { openEmbedded } from '@pliant/shared/open-embedded';
import { z } from 'zod';
import { skipsOf } from '../methods/skips.js';
import { reportStacks } from '../report/report-stacks.js';
import { singleAnswerTasks } from '../tasks/index.js';

const usage = `node tools/eval/dist/main.js layers [options]

  --skips a,b        layers skipped while decoding (default 1,2,3,4,6,8,10,12)
  --tokens N         of each prompt (default 500)
  --seeds N          seeds 1 to N, two or more (default 10)
  --out FOLDER       for layers.jsonl, layers.md and layers.svg (default: the tables are printed only)
`;

const schema = z.strictObject({
  skips: counts.default([1, 2, 3, 4, 6, 8, 10, 12]),
  tokens: count(1).default(500),
  seeds: count(2).default(10),
  out: z.string().optional(),
});

/**
 * Evaluates ways of skipping layers on the embedded model, on needles and on questions about
 * passages.
 */
export const layersCommand = command({ name: 'layers', options: schema, usage, run });

async function run({ skips, tokens, seeds, out }: z.output<typeof schema>): Promise<void> {
  const { decoder, tokenizer } = await openEmbedded();
  await reportStacks({
    name: 'layers',
    reference: 'staticGreedy',
    axis: 'layers skipped',
    decoder,
    tokenizer,
    tasks: singleAnswerTasks,
    methods: skipsOf(decoder.shape.layers),
    budgets: skips,
    tokens,
    seeds: Array.from({ length: seeds }, (_, i) => i + 1),
    out,
  });
  await decoder.close();
}
