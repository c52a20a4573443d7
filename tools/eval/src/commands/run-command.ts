import { join } from 'node:path';
import { command, count, counts, names, saveFile } from '@pliant/shared/command';
import { toJsonLines } from '@pliant/shared/json-lines';
import { openEmbedded } from '@pliant/shared/open-embedded';
import { z } from 'zod';
import type { PromptAnswers } from '../evaluate/answers.js';
import { evaluate } from '../evaluate/evaluate.js';
import { methods } from '../methods/methods.js';
import { RememberingDecoder } from '../remember/remembering-decoder.js';
import { drawChart } from '../report/quality-chart.js';
import { formatScores } from '../report/scores-file.js';
import { type Row, summarise } from '../report/summarise.js';
import { formatTables } from '../report/table.js';
import { tasks } from '../tasks/index.js';

const usage = `node tools/eval/dist/main.js run [options]

  --quick            other defaults: two seeds, 600 tokens, budgets 128 and 256
  --tasks a,b        ${tasks.map(({ name }) => name).join(', ')} (default: all)
  --methods a,b      ${Object.keys(methods).join(', ')} (default: all; random and the full cache always)
  --budgets a,b      rows kept per layer and KV head (default 128,256,512)
  --tokens N         of each prompt (default 1000)
  --seeds N          seeds 1 to N, two or more (default 10)
  --out FOLDER       for results.jsonl, scores.csv, table.md and quality.svg (default: the tables are printed only)
`;

/** The method that others are compared with. */
const reference = 'specKV';
/** Label of what a budget counts. */
const axis = 'rows kept per layer and KV head';

const schema = z.strictObject({
  tasks: names(tasks.map(({ name }) => name)),
  methods: names(Object.keys(methods)),
  budgets: counts.optional(),
  tokens: count(1).optional(),
  seeds: count(2).optional(),
  quick: z.boolean().default(false),
  out: z.string().optional(),
});

/**
 * Evaluates methods of dropping KV rows on the embedded model, prints the tables and, given a
 * folder, writes the results.
 */
export const runCommand = command({ name: 'run', options: schema, usage, run });

async function run(options: z.output<typeof schema>): Promise<void> {
  const usual = options.quick
    ? { tokens: 600, budgets: [128, 256], seeds: 2 }
    : { tokens: 1000, budgets: [128, 256, 512], seeds: 10 };
  const { tokens = usual.tokens, budgets = usual.budgets, seeds = usual.seeds } = options;
  const chosen = new Set([...options.methods, 'random']);
  const embedded = await openEmbedded();
  const decoder = new RememberingDecoder(embedded.decoder);
  const prompts: PromptAnswers[] = [];
  const started = performance.now();
  const total = seeds * options.tasks.length;
  for await (const prompt of evaluate({
    decoder,
    tokenizer: embedded.tokenizer,
    tasks: tasks.filter(({ name }) => options.tasks.includes(name)),
    methods: Object.fromEntries(
      Object.entries(methods).flatMap(([name, make]) => (chosen.has(name) ? [[name, make()]] : [])),
    ),
    budgets,
    tokens,
    seeds: Array.from({ length: seeds }, (_, i) => i + 1),
  })) {
    prompts.push(prompt);
    const minutes = (performance.now() - started) / 60_000;
    console.error(
      `${prompts.length} of ${total}: ${prompt.task}, seed ${prompt.seed}, ${minutes.toFixed(1)} min`,
    );
  }
  await decoder.close();
  const settings = { model: decoder.id, tokens, budgets, seeds };
  const rows = summarise(
    prompts.flatMap(({ marked }) => marked),
    reference,
  );
  console.log(formatTables(rows, reference, axis));
  if (options.out) write(options.out, settings, prompts, rows);
}

function write(
  folder: string,
  settings: object,
  prompts: readonly PromptAnswers[],
  rows: readonly Row[],
): void {
  const save = (name: string, text: string) => saveFile(join(folder, name), text);
  save('results.jsonl', toJsonLines({ ...settings, rows, prompts }));
  save('scores.csv', formatScores(prompts));
  save('table.md', formatTables(rows, reference, axis));
  save('quality.svg', drawChart(rows, axis));
}
