import { type CheckedForward, type ForwardOutput, InvalidOptionsError } from '@pliant/core';
import type { Forwards, Member } from './forwards.js';
import type { KvCache } from './kv-cache.js';
import type { RuntimeSession } from './runtime/runtime.js';

/** Tokens of the trial: enough for every kernel that takes rows in twos and fours. */
const trialTokens = 7;

/** Runs the rows of a forward as forwards of one token each. @throws with the cache as it was */
export async function runSteps(
  forwards: Forwards,
  session: RuntimeSession,
  { cache, input, checked }: Member,
  signal: AbortSignal | undefined,
): Promise<ForwardOutput> {
  const { want = {} } = input;
  if (want.scores || want.hiddenMeans || want.blockInfluences)
    throw new InvalidOptionsError('engine-ort, forward', [
      {
        path: 'want.stepwise',
        message:
          'with scores, hidden means or block influences it needs the native runtime and 8-bit products (MatMulNBits, accuracy level 4) whose kernels round rows alike',
      },
    ]);
  const { nextPosition } = cache;
  const rows: Float32Array[] = [];
  try {
    for (let row = 0; row < checked.ids.length; row++) {
      const step = { cache, input, checked: rowOf(checked, row) };
      const [{ logits }] = await forwards.run(session, [step], signal);
      rows.push(logits.slice());
    }
  } catch (error) {
    cache.edit({ truncate: nextPosition });
    throw error;
  }
  const kept = { all: rows, last: rows.slice(-1), none: [] }[want.logits ?? 'last'];
  const logits = new Float32Array(kept.reduce((sum, { length }) => sum + length, 0));
  kept.forEach((values, at) => {
    logits.set(values, at * values.length);
  });
  return { logits };
}

/** Whether rows on `together`, a session of stepwise attention, are those of single forwards to the bit, on this machine's kernels. */
export async function roundsRowsAlike(
  forwards: Forwards,
  single: RuntimeSession,
  together: RuntimeSession,
  openCache: () => KvCache,
): Promise<boolean> {
  const ids = Int32Array.from({ length: trialTokens }, (_, token) => token);
  const run = async (session: RuntimeSession, cache: KvCache, from: number, to: number) => {
    const positions = ids.subarray(from, to);
    const checked = { ids: positions, positions, rotaryPositions: positions };
    const input = { ids: positions, want: { logits: 'all' as const } };
    const [{ logits }] = await forwards.run(session, [{ cache, input, checked }], undefined);
    return logits.slice();
  };
  const [alone, beside] = [openCache(), openCache()];
  try {
    const rows = await run(together, beside, 0, trialTokens);
    for (let row = 0; row < trialTokens; row++) {
      const logits = await run(single, alone, row, row + 1);
      const start = row * logits.length;
      if (logits.some((logit, id) => !Object.is(logit, rows[start + id]))) return false;
    }
    return true;
  } finally {
    alone.close();
    beside.close();
  }
}

function rowOf(
  { ids, positions, rotaryPositions, gates, scales }: CheckedForward,
  row: number,
): CheckedForward {
  const one = (values: Int32Array) => values.subarray(row, row + 1);
  return {
    ids: one(ids),
    positions: one(positions),
    rotaryPositions: one(rotaryPositions),
    gates,
    scales,
  };
}
