import { join } from 'node:path';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { saveFile } from '@pliant/shared/command';
import { toJsonLines } from '@pliant/shared/json-lines';
import type { Answer } from '../evaluate/answers.js';
import { evaluateStacks, type StacksOptions } from '../evaluate/evaluate-stacks.js';
import { drawChart } from './quality-chart.js';
import { summarise } from './summarise.js';
import { formatTables } from './table.js';

export interface StacksReportOptions extends StacksOptions {
  /** Name of the files. */
  readonly name: string;
  /** The method that the others are compared with. */
  readonly reference: string;
  /** Label of what a budget counts. */
  readonly axis: string;
  /** Folder for `name`.jsonl, .md and .svg. Without it the tables are only printed. */
  readonly out: string | undefined;
}

/** Evaluates, prints the tables and saves the report. */
export async function reportStacks(options: StacksReportOptions): Promise<void> {
  const { reference, axis, out } = options;
  const answers: Answer[] = [];
  const started = performance.now();
  for await (const { task, seed, marked } of evaluateStacks(options)) {
    answers.push(...marked);
    // Each time: a long evaluation that is broken off leaves what it has.
    if (out) saveReport(out, options, answers);
    const minutes = (performance.now() - started) / 60_000;
    console.error(`${task}, seed ${seed}, ${minutes.toFixed(1)} min`);
  }
  console.log(formatTables(summarise(answers, reference), reference, axis));
}

function saveReport(
  folder: string,
  { name, tokens, budgets, seeds, reference, axis }: StacksReportOptions,
  answers: readonly Answer[],
): void {
  const rows = summarise(answers, reference);
  const save = (extension: string, text: string) =>
    saveFile(join(folder, `${name}.${extension}`), text);
  const settings = { model: smollm2.id, axis, tokens, budgets, seeds: seeds.length };
  const report = { ...settings, rows, answers };
  save('jsonl', toJsonLines(report));
  save('md', formatTables(rows, reference, axis));
  save('svg', drawChart(rows, axis));
}
