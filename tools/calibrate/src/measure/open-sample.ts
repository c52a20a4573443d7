import {
  argmax,
  type Decoder,
  type ForwardInput,
  type ForwardOutput,
  type Sequence,
} from '@pliant/core';
import { type ReferenceRow, referenceRow } from './divergence.js';

/** A prompt read at full depth and what the full model says of its own continuation. C tokens. */
export interface OpenSample {
  /** Holds the prompt, and nothing after it between measurements. */
  readonly sequence: Sequence;
  /** [C], what the full model generates greedily. */
  readonly continuation: Int32Array;
  /** [C], the full model after each token of the continuation. */
  readonly references: readonly ReferenceRow[];
  /** Of the prompt's prefill. */
  readonly prefill: ForwardOutput;
}

/**
 * @param continuation where it is known; else at most `tokens` are generated, fewer where the text
 * ends before
 * @param endOfText tokens that are not part of a continuation
 */
export async function openSample(
  decoder: Decoder,
  ids: Int32Array,
  {
    tokens,
    endOfText,
    continuation,
  }: {
    readonly tokens: number;
    readonly endOfText: ReadonlySet<number>;
    readonly continuation?: Int32Array;
  },
): Promise<OpenSample> {
  const sequence = await decoder.open({
    needs: ['layers.skip', 'hidden.means', 'block.influences', 'logits.all', 'kv.edit'],
    rows: ids.length + tokens,
    maxRows: ids.length + tokens,
  });
  const want = { logits: 'last', hiddenMeans: true, blockInfluences: true } as const;
  const prefill = await sequence.forward({ ids, want });
  const known = continuation ?? (await generate(sequence, prefill.logits, tokens, endOfText));
  const references: ReferenceRow[] = [];
  if (known.length > 0)
    for (const row of rowsOf(await readContinuation(sequence, known), known.length))
      references.push(referenceRow(row));
  return { sequence, continuation: known, references, prefill };
}

/**
 * The continuation in one forward, with the gates of decoding: the same as token by token, since
 * every row of it has these gates and every row of the prompt is from a full-depth forward. Leaves
 * the cache as it was.
 * @returns [C, V], valid until the next forward
 */
export async function readContinuation(
  sequence: Sequence,
  continuation: Int32Array,
  skipping: Pick<ForwardInput, 'layers' | 'layerScales'> = {},
): Promise<Float32Array> {
  const position = sequence.cache.nextPosition;
  const input = { ids: continuation, ...skipping, want: { logits: 'all' } } as const;
  const { logits } = await sequence.forward(input);
  sequence.edit({ truncate: position });
  return logits;
}

/** @param logits [C, V] */
export function rowsOf(logits: Float32Array, count: number): Float32Array[] {
  const width = logits.length / count;
  return Array.from({ length: count }, (_, row) => logits.subarray(row * width, (row + 1) * width));
}

async function generate(
  sequence: Sequence,
  logits: Float32Array,
  tokens: number,
  endOfText: ReadonlySet<number>,
): Promise<Int32Array> {
  const position = sequence.cache.nextPosition;
  const generated: number[] = [];
  let next = argmax(logits);
  while (!endOfText.has(next)) {
    generated.push(next);
    if (generated.length === tokens) break;
    next = argmax((await sequence.forward({ ids: Int32Array.of(next) })).logits);
  }
  if (sequence.cache.nextPosition > position) sequence.edit({ truncate: position });
  return Int32Array.from(generated);
}
