import type { Arguments } from '../arguments.js';
import { print } from '../output.js';
import { printAnswer, printTable, printWarnings } from '../report.js';
import type { Endpoint } from './endpoint.js';
import type { EndpointRun } from './endpoint-run.js';

const rows: readonly [string, (run: EndpointRun) => string][] = [
  ['prompt tokens', ({ tokens }) => String(tokens)],
  ['tokens kept', ({ tokensKept }) => String(tokensKept)],
  ['compress ms', ({ compressMs }) => compressMs.toFixed(0)],
  ['answer ms', ({ answerMs }) => answerMs.toFixed(0)],
  ['both ms', ({ compressMs, answerMs }) => (compressMs + answerMs).toFixed(0)],
  ['tokens the server read', ({ usage }) => String(usage?.promptTokens ?? '-')],
  ['tokens it wrote', ({ usage }) => String(usage?.completionTokens ?? '-')],
];

export function printEndpoint({ name, model }: Endpoint, { seed }: Arguments): void {
  print(`${name}, ${model ? `model ${model}` : "the server's own model"}, seed ${seed}`);
}

/** The answer and what was dropped for it. */
export function printEndpointRun(run: EndpointRun): void {
  const { stack, text, finishReason = 'no reason given', dropped, warnings } = run;
  printAnswer(stack, printable(finishReason), printable(text));
  if (stack.length === 0) return;
  const characters = dropped.reduce((sum, { from, to }) => sum + to - from, 0);
  const name = stack.join(' + ');
  print(`  ${name}: dropped ${characters} characters, in ${dropped.length} ranges`);
  printWarnings(warnings);
}

/** Without control characters: what a server writes must not steer the terminal. */
const printable = (text: string) => text.replace(/[^\P{Cc}\n\t]/gu, '');

export function printEndpointTable(runs: readonly EndpointRun[]): void {
  printTable(runs, rows);
}

/** The answers with what was sent and dropped for them; the key is in none of it. */
export function makeEndpointReport(
  { name, model }: Endpoint,
  { seed, settings }: Arguments,
  runs: readonly EndpointRun[],
): object {
  return { endpoint: name, model, seed, settings, runs };
}
