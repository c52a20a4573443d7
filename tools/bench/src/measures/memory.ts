import { ContestantClient } from '../contestant-client.js';
import type { ContestantName } from '../contestants/open-contestant.js';
import { once, type Row } from '../measure.js';

const names: readonly ContestantName[] = [
  'pipeline',
  'pipeline, binding',
  'onnxruntime-node, cache as outputs',
  'transformers.js generate',
];

/**
 * Largest resident set of a fresh process that loads the model, reads 2,048 tokens and writes 16.
 */
export async function memoryAt2048(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of names) {
    const client = await ContestantClient.open(name);
    const { peakBytes } = await client.run({ promptTokens: 2048, newTokens: 16 });
    client.close();
    rows.push({
      what: `peak RSS at 2,048: ${name}`,
      unit: 'MB',
      value: once(peakBytes / 1e6),
      ...(name === 'pipeline' && { target: { atMost: 600 } }),
    });
  }
  return rows;
}
