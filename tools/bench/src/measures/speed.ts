import { mean, pairedRatio, summarise } from '@pliant/shared/statistics';
import { ContestantClient, type Reply } from '../contestant-client.js';
import type { ContestantName } from '../contestants/open-contestant.js';
import { interleave } from '../interleave.js';
import type { Effort, Row } from '../measure.js';

const names: readonly ContestantName[] = [
  'pipeline',
  'sequence loop',
  'bare loop',
  'pipeline, binding',
  'bare loop, binding',
  'onnxruntime-node, cache as outputs',
  'transformers.js generate',
];

/** Least speed of the pipeline relative to another contestant. */
type Targets = { readonly [name in ContestantName]?: number };

async function measureAt(
  promptTokens: number,
  { rounds, newTokens }: Effort,
): Promise<ReadonlyMap<string, readonly Reply[]>> {
  const clients: ContestantClient[] = [];
  try {
    for (const name of names) clients.push(await ContestantClient.open(name));
    return await interleave(
      clients.map((client) => ({
        name: client.name,
        run: () => client.run({ promptTokens, newTokens }),
      })),
      rounds,
    );
  } finally {
    for (const client of clients) client.close();
  }
}

function rowsFor(
  label: string,
  unit: string,
  replies: ReadonlyMap<string, readonly Reply[]>,
  time: (reply: Reply) => number,
  targets: Targets,
): Row[] {
  const times = (name: ContestantName) => replies.get(name)!.map(time);
  const ratio = (name: ContestantName, other: ContestantName): Row => ({
    what: `${label}: speed of ${name} / ${other}`,
    unit: 'x',
    value: pairedRatio(times(other), times(name)),
    ...(name === 'pipeline' && targets[other] && { target: { atLeast: targets[other] } }),
  });
  return [
    ...names.map((name) => ({ what: `${label}: ${name}`, unit, value: summarise(times(name)) })),
    ...names.slice(1).map((other) => ratio('pipeline', other)),
    ratio('pipeline, binding', 'bare loop, binding'),
  ];
}

/** The mean of a round: what garbage collection costs counts. */
const perToken = ({ tokenMs }: Reply) => mean(tokenMs);

/** A short context is cheap to decode at, so it gets more tokens. */
export async function decodeAt64({ rounds, newTokens }: Effort): Promise<Row[]> {
  const replies = await measureAt(64, { rounds: 2 * rounds, newTokens: 2 * newTokens });
  return rowsFor('decode at 64', 'ms/token', replies, perToken, {
    'bare loop': 0.9,
    'transformers.js generate': 1.5,
  });
}

export async function speedAt2048(effort: Effort): Promise<Row[]> {
  const replies = await measureAt(2048, effort);
  return [
    ...rowsFor('decode at 2,048', 'ms/token', replies, perToken, {
      'bare loop': 0.9,
      'transformers.js generate': 4,
    }),
    ...rowsFor('prefill 2,048', 'ms', replies, ({ prefillMs }) => prefillMs, {
      'transformers.js generate': 1,
    }),
  ];
}
