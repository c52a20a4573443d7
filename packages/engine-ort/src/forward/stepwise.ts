import { type ForwardInput, type ForwardOutput, InvalidOptionsError } from '@pliant/core';
import { type CheckedForward, evidenceWanted } from '@pliant/core/engine';
import type { KvCache } from '../cache/kv-cache.js';
import type { RuntimeSession } from '../runtime/runtime.js';
import type { Forwards } from './forwards.js';
import type { Member } from './step-tensors.js';

/** Tokens of the trial. Enough for every kernel that takes rows in twos and fours. */
const trialTokens = 7;

/** Whether a forward gives more than logits. Evidence cannot be put together from pieces. */
export function wantsEvidence({ want }: ForwardInput): boolean {
  return evidenceWanted(want).length > 0;
}

/**
 * Runs a forward as several of at most `rowsAtOnce` rows each.
 * @throws with the cache unchanged
 */
export async function runInPieces(
  forwards: Forwards,
  session: RuntimeSession,
  { cache, input, checked }: Member,
  rowsAtOnce: number,
  signal: AbortSignal | undefined,
): Promise<ForwardOutput> {
  if (wantsEvidence(input))
    throw new InvalidOptionsError('engine-ort, forward', [
      {
        path: 'want.stepwise',
        message:
          'cannot be combined with evidence (scores, hidden states) here; that needs the native runtime and 8-bit products (MatMulNBits, accuracy level 4) whose kernels round a row the same way alone and beside others',
      },
    ]);
  const { nextPosition } = cache;
  const pieces: Float32Array[] = [];
  try {
    for (let row = 0; row < checked.ids.length; row += rowsAtOnce) {
      const piece = { cache, input, checked: rowsOf(checked, row, row + rowsAtOnce) };
      const [{ logits }] = await forwards.run(session, [piece], signal);
      pieces.push(logits.slice());
    }
  } catch (error) {
    cache.edit({ truncate: nextPosition });
    throw error;
  }
  const kept = input.want?.logits === 'all' ? pieces : pieces.slice(-1);
  const logits = new Float32Array(kept.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const values of kept) {
    logits.set(values, filled);
    filled += values.length;
  }
  return { logits };
}

/**
 * Whether rows on `together`, a stepwise session, equal those of single forwards to the bit on this
 * machine's kernels.
 */
export async function isRowwiseExact(
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

function rowsOf(
  { ids, positions, rotaryPositions, gates, scales }: CheckedForward,
  from: number,
  to: number,
): CheckedForward {
  const part = (values: Int32Array) => values.subarray(from, to);
  return {
    ids: part(ids),
    positions: part(positions),
    rotaryPositions: part(rotaryPositions),
    gates,
    scales,
  };
}
