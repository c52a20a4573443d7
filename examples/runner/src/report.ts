import type { Metrics, Warning } from '@pliant/core';
import type { OrtDecoder } from '@pliant/engine-ort';
import type { Arguments } from './arguments.js';
import { print } from './output.js';
import type { Run } from './run-stack.js';

const rows: readonly [string, (metrics: Metrics) => string][] = [
  ['prompt tokens', (m) => String(m.promptTokens)],
  ['tokens kept', (m) => String(m.promptTokensKept)],
  ['prefill ms', (m) => m.prefillMs.toFixed(0)],
  ['time to first token ms', (m) => m.timeToFirstTokenMs.toFixed(0)],
  ['decode tokens/s', (m) => m.decodeTokensPerSecond.toFixed(1)],
  ['KV MB after prefill', (m) => megabytes(m.kvBytesAfterPrefill)],
  ['KV MB peak', (m) => megabytes(m.kvBytesPeak)],
];

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

export function printHeader(decoder: OrtDecoder, { seed }: Arguments): void {
  const { runtime, threads } = decoder.inspect();
  print(
    `${decoder.id}, runtime ${runtime.kind}, onnxruntime ${runtime.version}, ${threads} threads, seed ${seed}`,
  );
}

/** The answer and what each middleware did. */
export function printRun({ stack, result }: Run): void {
  printAnswer(stack, result.finishReason, result.text);
  for (const [name, metrics] of Object.entries(result.metrics.middlewares)) {
    const values = Object.entries(metrics).map(([key, value]) => `${key} ${round(value)}`);
    print(`  ${name}: ${values.join(', ')}`);
  }
  printWarnings(result.warnings);
}

export function printWarnings(warnings: readonly Warning[]): void {
  for (const { middleware, feature, details } of warnings)
    print(`  warning from ${middleware}: ${feature}${details ? `, ${details}` : ''}`);
}

export function printAnswer(stack: readonly string[], finishReason: string, text: string): void {
  print(`\n${stack.join(' + ') || 'plain'} (${finishReason})`);
  print(`  ${text.trim().replaceAll('\n', '\n  ')}`);
}

const round = (value: number) => Number(value.toPrecision(4));

export function printMetrics(runs: readonly Run[]): void {
  printTable(
    runs,
    rows.map(([label, format]) => [label, ({ result }) => format(result.metrics)]),
  );
}

/** A column per run. */
export function printTable<T extends { readonly stack: readonly string[] }>(
  runs: readonly T[],
  rows: readonly (readonly [label: string, format: (run: T) => string])[],
): void {
  const line = (label: string, cells: readonly string[]) =>
    print(`${label.padEnd(24)}${cells.map((cell) => cell.padStart(10)).join('')}`);
  print();
  line(
    '',
    runs.map(({ stack }) => (stack.length > 0 ? 'stack' : 'plain')),
  );
  for (const [label, format] of rows) line(label, runs.map(format));
}

/** The report that `--json` writes. */
export function makeReport(
  decoder: OrtDecoder,
  { seed, settings }: Arguments,
  runs: readonly Run[],
): object {
  const { runtime, threads } = decoder.inspect();
  return {
    model: decoder.id,
    runtime: runtime.kind,
    threads,
    seed,
    settings,
    runs: runs.map(({ stack, result }) => ({ stack, ...result })),
  };
}
