import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openDecoder } from '@pliant/engine-ort';
import { readText } from '@pliant/fixtures';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { parseArguments } from '@pliant/runner/arguments.js';
import { makeStack } from '@pliant/runner/stack.js';
import { openTokenizer } from '@pliant/transformers';
import { type NeedleRun, runNeedles } from './run-needles.js';
import { truncatePrompt } from './truncate-prompt.js';

const usage = `node tools/eval/dist/main.js needle [options]

  --tokens N         of each prompt (default 1000)
  --seeds N          seeds 1 to N (default 10)
  --stack a,b        middlewares, as for the runner (default: none)
  --set NAME.OPTION=VALUE
  --truncate KIND    the control: ends or random, instead of prompt-compress
  --keep N           tokens that --truncate keeps (default 512)
  --json FILE
`;

const string = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tokens: { type: 'string', default: '1000' },
    seeds: { type: 'string', default: '10' },
    stack: string,
    set: { type: 'string', multiple: true, default: [] },
    truncate: string,
    keep: { type: 'string', default: '512' },
    json: string,
  },
});
if (positionals.join() !== 'needle') {
  console.error(usage);
  process.exit(2);
}

const decoder = await openDecoder(smollm2);
const tokenizer = await openTokenizer(smollm2);
const { stack, settings } = parseArguments([
  'run',
  ...(values.stack ? ['--stack', values.stack] : []),
  ...values.set.flatMap((assignment) => ['--set', assignment]),
]);
const control = values.truncate
  ? [
      truncatePrompt({
        keep: Number(values.keep),
        kind: values.truncate as 'ends' | 'random',
      }),
    ]
  : [];
const runs: NeedleRun[] = [];
for await (const run of runNeedles({
  decoder,
  tokenizer,
  haystack: readText('texts/alice29.txt'),
  tokens: Number(values.tokens),
  seeds: Array.from({ length: Number(values.seeds) }, (_, i) => i + 1),
  middlewares: [...control, ...makeStack(stack, settings, decoder)],
})) {
  runs.push(run);
  console.log(
    `seed ${run.seed}: ${run.answer} at ${run.depth.toFixed(2)}, ${run.right ? 'right' : 'WRONG'}, ${JSON.stringify(run.text)}`,
  );
}
const right = runs.filter((run) => run.right).length;
const digits = runs.reduce((sum, run) => sum + run.rightDigits, 0) / runs.length;
console.log(`${right} of ${runs.length} right, ${digits.toFixed(1)} of 5 leading digits`);
if (values.json) writeFileSync(values.json, `${JSON.stringify({ ...values, runs }, null, 2)}\n`);
await decoder.close();
