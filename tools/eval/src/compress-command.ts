import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseOptions } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';
import { z } from 'zod';
import { drawChart } from './chart.js';
import { compressionsOf } from './compressions.js';
import type { Answer } from './evaluate.js';
import { evaluateCompressions } from './evaluate-compressions.js';
import { count, counts } from './options.js';
import { summarise } from './summarise.js';
import { formatTables } from './table.js';
import { tasks } from './tasks/index.js';

const names = ['needle-single', 'needle-multi-key', 'passages-qa'];

export const compressUsage = `node tools/eval/dist/main.js compress [options]

  --keeps a,b        tokens kept of a prompt, or rows behind specKV (default 256,512,1024)
  --tokens N         of each prompt (default 2048)
  --seeds N          seeds 1 to N, two or more (default 10)
  --out FOLDER       for compress.json, compress.md and compress.svg (default: the tables are printed only)
`;

const schema = z.strictObject({
  keeps: counts.default([256, 512, 1024]),
  tokens: count(1).default(2048),
  seeds: count(2).default(10),
  out: z.string().optional(),
});

/**
 * Evaluates ways of compressing prompts on the embedded model, on needles and on questions about passages.
 * @param given as on the command line, without the dashes
 * @throws InvalidOptionsError
 */
export async function compressCommand(given: object): Promise<void> {
  const { keeps, tokens, seeds, out } = parseOptions('compress', schema, given);
  const decoder = await openDecoder(smollm2);
  const answers: Answer[] = [];
  const started = performance.now();
  for await (const own of evaluateCompressions({
    decoder,
    tokenizer: await openTokenizer(smollm2),
    tasks: tasks.filter(({ name }) => names.includes(name)),
    compressions: compressionsOf(decoder),
    keeps,
    tokens,
    seeds: Array.from({ length: seeds }, (_, i) => i + 1),
  })) {
    answers.push(...own);
    // Each time: a long evaluation that is broken off leaves what it has.
    if (out) saveReport(out, { tokens, keeps, seeds }, answers);
    const minutes = (performance.now() - started) / 60_000;
    console.error(`${own[0].task}, seed ${own[0].seed}, ${minutes.toFixed(1)} min`);
  }
  await decoder.close();
  console.log(formatTables(summarise(answers, 'specPC'), 'specPC'));
}

function saveReport(folder: string, settings: object, answers: readonly Answer[]): void {
  const rows = summarise(answers, 'specPC');
  mkdirSync(folder, { recursive: true });
  const save = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const report = { model: smollm2.id, ...settings, rows, answers };
  save('compress.json', `${JSON.stringify(report, null, 1)}\n`);
  save('compress.md', formatTables(rows, 'specPC'));
  save('compress.svg', drawChart(rows, 'tokens kept, or rows behind specKV'));
}
