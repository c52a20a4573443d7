import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { summarise } from '@pliant/shared/statistics';
import type { Effort, Row } from '../measure.js';

const run = promisify(execFile);

interface LoadTimes {
  readonly importMs: number;
  readonly decoderMs: number;
  readonly tokenizerMs: number;
  readonly sessionMs: number;
  readonly totalMs: number;
}

/** From the first import to a pipeline that can read, in fresh processes. */
export async function load({ rounds }: Effort): Promise<Row[]> {
  const script = fileURLToPath(new URL('../load-process.js', import.meta.url));
  const times: LoadTimes[] = [];
  for (let round = 0; round < rounds; round++) {
    const { stdout } = await run(process.execPath, [script]);
    times.push(JSON.parse(stdout) as LoadTimes);
  }
  const row = (what: string, key: keyof LoadTimes): Row => ({
    what: `load: ${what}`,
    unit: 'ms',
    value: summarise(times.map((time) => time[key])),
  });
  return [
    { ...row('everything, imports included', 'totalMs'), target: { atMost: 1000 } },
    row('imports', 'importMs'),
    row('openDecoder', 'decoderMs'),
    row('openTokenizer', 'tokenizerMs'),
    row('prepare', 'sessionMs'),
  ];
}
