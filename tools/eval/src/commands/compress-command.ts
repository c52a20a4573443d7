import { command, count, counts } from '@pliant/shared/command';
import { openEmbedded } from '@pliant/shared/open-embedded';
import { z } from 'zod';
import { compressionsOf } from '../methods/compressions.js';
import { reportStacks } from '../report/report-stacks.js';
import { singleAnswerTasks } from '../tasks/index.js';

const usage = `node tools/eval/dist/main.js compress [options]

  --keeps a,b        tokens kept of a prompt, or rows after specKV (default 256,512,1024)
  --tokens N         of each prompt (default 2048)
  --seeds N          seeds 1 to N, two or more (default 10)
  --out FOLDER       for compress.jsonl, compress.md and compress.svg (default: the tables are printed only)
`;

const schema = z.strictObject({
  keeps: counts.default([256, 512, 1024]),
  tokens: count(1).default(2048),
  seeds: count(2).default(10),
  out: z.string().optional(),
});

/**
 * Evaluates ways of compressing prompts on the embedded model, on needles and on questions about
 * passages.
 */
export const compressCommand = command({ name: 'compress', options: schema, usage, run });

async function run({ keeps, tokens, seeds, out }: z.output<typeof schema>): Promise<void> {
  const { decoder, tokenizer } = await openEmbedded();
  await reportStacks({
    name: 'compress',
    reference: 'promptCompress',
    axis: 'tokens kept, or rows after specKV',
    decoder,
    tokenizer,
    tasks: singleAnswerTasks,
    methods: compressionsOf(decoder),
    budgets: keeps,
    tokens,
    seeds: Array.from({ length: seeds }, (_, i) => i + 1),
    out,
  });
  await decoder.close();
}
