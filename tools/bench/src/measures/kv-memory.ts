import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ContestantClient } from '../contestant-client.js';
import { once, type Row } from '../measure.js';

interface Sizes {
  readonly afterPrompt: {
    readonly before: { readonly kvBytes: number; readonly resident: number };
    readonly after: { readonly kvBytes: number; readonly resident: number };
  };
  readonly whileDecoding: {
    readonly kvBytes: readonly [least: number, most: number];
    readonly kvBytesPeak: number;
    readonly residents: readonly number[];
    readonly decodeTokensPerSecond: number;
  };
  readonly mock: { readonly sizes: number; readonly bytesPerToken: number };
}

const rowBytes = 2 * 30 * 3 * 64 * 4;

/** Measures the effect of dropped rows on memory, in fresh processes. */
export async function kvMemory(): Promise<Row[]> {
  const script = fileURLToPath(new URL('../kv-memory-process.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  const { afterPrompt, whileDecoding, mock } = JSON.parse(stdout) as Sizes;
  const { before, after } = afterPrompt;
  const { residents, kvBytes } = whileDecoding;
  const rows: Row[] = [
    {
      what: 'kv-drop 256 of 4,096: resident set saved / KV bytes saved',
      unit: 'x',
      value: once((before.resident - after.resident) / (before.kvBytes - after.kvBytes)),
      target: { atLeast: 0.8 },
    },
    {
      what: '2,000 tokens under 512 rows, cut every 64: KV rows allocated at most',
      unit: 'rows',
      value: once(kvBytes[1] / rowBytes),
      target: { atMost: 512 + 64 },
    },
    {
      what: '2,000 tokens under 512 rows: KV rows allocated at least',
      unit: 'rows',
      value: once(kvBytes[0] / rowBytes),
    },
    {
      what: '2,000 tokens under 512 rows: resident set at 2,000 / at 400 tokens',
      unit: 'x',
      value: once(residents[residents.length - 1] / residents[1]),
      target: { atMost: 1.02 },
    },
    {
      what: '2,000 tokens under 512 rows: decode speed',
      unit: 'tokens/s',
      value: once(whileDecoding.decodeTokensPerSecond),
    },
    {
      what: '100,000 tokens of the mock under 512 rows: sizes that the cache had',
      unit: '',
      value: once(mock.sizes),
      target: { atMost: 1 },
    },
    {
      what: '100,000 tokens of the mock under 512 rows: memory in use, growth a token',
      unit: 'bytes',
      value: once(mock.bytesPerToken),
    },
  ];
  const peaks = new Map<string, number>();
  for (const name of ['pipeline', 'pipeline, snapKV', 'pipeline, specKV'] as const) {
    const client = await ContestantClient.open(name);
    peaks.set(name, (await client.run({ promptTokens: 2048, newTokens: 16 })).peakBytes);
    client.close();
  }
  for (const name of ['snapKV', 'specKV'])
    rows.push({
      what: `kv-drop 256 of 2,048: peak RSS beyond the plain run's, ${name}`,
      unit: 'MB',
      value: once((peaks.get(`pipeline, ${name}`)! - peaks.get('pipeline')!) / 1e6),
      target: { atMost: 64 },
    });
  return rows;
}
