import type { Decoder } from '@pliant/core';
import { median } from '@pliant/shared/statistics';

/** Lengths of a prompt that are tried. */
const lengths = [48, 64, 96, 128, 192, 256];
/** Tokens that are kept: few, since more would pay off later still. */
const keep = 64;
const rounds = 3;
/** How much sooner the first token must come, to be worth what is lost. */
const worthwhile = 1.1;

/**
 * Milliseconds to read a prompt of `length` tokens whole, and to let the draft read it and the
 * decoder what is kept.
 */
export interface PairOfTimes {
  readonly length: number;
  readonly whole: number;
  readonly compressed: number;
}

/**
 * Times both ways of reading prompts of several lengths, by turns in one process; the median of
 * three rounds.
 * @param ids of any text, as many as the longest length
 */
export async function timeReadings(
  decoder: Decoder,
  draft: Decoder,
  ids: Int32Array,
): Promise<PairOfTimes[]> {
  const times: PairOfTimes[] = [];
  // The first reading of each kind also builds its graph.
  await read(decoder, ids.subarray(0, keep));
  await read(draft, ids.subarray(0, keep), scores);
  for (const length of lengths) {
    const whole: number[] = [];
    const compressed: number[] = [];
    for (let round = 0; round < rounds; round++) {
      whole.push(await read(decoder, ids.subarray(0, length)));
      const drafted = await read(draft, ids.subarray(0, length), scores);
      compressed.push(drafted + (await read(decoder, ids.subarray(0, Math.min(keep, length)))));
    }
    times.push({ length, whole: median(whole), compressed: median(compressed) });
  }
  return times;
}

/**
 * The length from which on compressing always is worthwhile; undefined where it is not even at the
 * longest.
 */
export function fewestThatPay(times: readonly PairOfTimes[]): number | undefined {
  const last = times.findLastIndex(({ whole, compressed }) => whole < worthwhile * compressed);
  return times[last + 1]?.length;
}

const scores = { rows: 32, reduceRows: 'max', reduceHeads: 'none' } as const;

async function read(decoder: Decoder, ids: Int32Array, asked?: typeof scores): Promise<number> {
  const started = performance.now();
  const sequence = await decoder.open({ needs: asked ? ['scores'] : [] });
  try {
    const want = asked
      ? ({ logits: 'none', scores: { tune: asked } } as const)
      : ({ logits: 'last' } as const);
    await sequence.forward({ ids, want });
    return performance.now() - started;
  } finally {
    sequence.close();
  }
}
