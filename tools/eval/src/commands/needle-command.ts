import { readText } from '@pliant/fixtures';
import { makeStack } from '@pliant/presets';
import { parseStack, readSettingFiles } from '@pliant/presets/command-line';
import { command, count, saveFile } from '@pliant/shared/command';
import { openEmbedded } from '@pliant/shared/open-embedded';
import { mean } from '@pliant/shared/statistics';
import { z } from 'zod';
import { truncatePrompt } from '../methods/truncate-prompt.js';
import { type NeedleRun, runNeedles } from '../needle/run-needles.js';

const usage = `node tools/eval/dist/main.js needle [options]

  --tokens N         of each prompt (default 1000)
  --seeds N          seeds 1 to N (default 10)
  --stack a,b        middlewares, as for the runner (default: none)
  --set NAME.OPTION=VALUE
  --truncate KIND    the control: ends or random, instead of prompt-compress
  --keep N           tokens that --truncate keeps (default 512)
  --json FILE
`;

const schema = z.strictObject({
  tokens: count(1).default(1000),
  seeds: count(1).default(10),
  stack: z.string().default(''),
  set: z.array(z.string()).default([]),
  truncate: z.enum(['ends', 'random']).optional(),
  keep: count(1).default(512),
  json: z.string().optional(),
});

/**
 * Asks a stack for hidden numbers and prints how many it finds.
 */
export const needleCommand = command({ name: 'needle', options: schema, usage, run });

async function run(options: z.output<typeof schema>): Promise<void> {
  const { names, settings } = parseStack(options.stack, options.set);
  const { decoder, tokenizer } = await openEmbedded();
  const { truncate, keep } = options;
  const control = truncate ? [truncatePrompt({ keep, kind: truncate })] : [];
  const runs: NeedleRun[] = [];
  for await (const run of runNeedles({
    decoder,
    tokenizer,
    haystack: readText('texts/alice29.txt'),
    tokens: options.tokens,
    seeds: Array.from({ length: options.seeds }, (_, i) => i + 1),
    middlewares: [...control, ...makeStack(names, readSettingFiles(settings), decoder)],
  })) {
    runs.push(run);
    console.log(
      `seed ${run.seed}: ${run.answer} at ${run.depth.toFixed(2)}, ${run.right ? 'right' : 'WRONG'}, ${JSON.stringify(run.text)}`,
    );
  }
  const right = runs.filter((run) => run.right).length;
  const digits = mean(runs.map((run) => run.rightDigits));
  console.log(`${right} of ${runs.length} right, ${digits.toFixed(1)} of 5 leading digits`);
  if (options.json) saveFile(options.json, `${JSON.stringify({ ...options, runs }, null, 2)}\n`);
  await decoder.close();
}
