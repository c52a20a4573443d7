import { type Decoder, type Prompt, pipeline, type Sequence, type Tokenizer } from '@pliant/core';
import { type ReferenceRow, referenceRow } from './divergence.js';

/** A prompt read at full depth and what the full model says of its own continuation. C tokens. */
export interface Sample {
  /** Holds the prompt, and nothing after it between measurements. */
  readonly sequence: Sequence;
  readonly promptTokens: number;
  /** [C], what the full model generates greedily. */
  readonly continuation: Int32Array;
  /** [C], the full model after each token of the continuation. */
  readonly references: readonly ReferenceRow[];
}

/** @param tokens of the continuation, at most: it may end before */
export async function readSample(
  decoder: Decoder,
  tokenizer: Tokenizer,
  prompt: Prompt,
  tokens: number,
): Promise<Sample> {
  const result = await pipeline(decoder, { tokenizer }).generate(prompt, { maxNewTokens: tokens });
  const continuation = Int32Array.from(result.tokens.filter((id) => !tokenizer.endOfText.has(id)));
  const text = 'messages' in prompt ? tokenizer.renderChat(prompt.messages) : textOf(prompt);
  const ids = tokenizer.encode(text);
  const sequence = await decoder.open({ needs: ['layers.skip'] });
  await sequence.forward({ ids, want: { logits: 'none' } });
  const logits = await readContinuation(sequence, continuation);
  const references = rowsOf(logits, continuation.length).map(referenceRow);
  return { sequence, promptTokens: ids.length, continuation, references };
}

/**
 * The continuation in one forward, with the gates of decoding: the same as token by token, since every row of it has these gates
 * and every row of the prompt is from a full-depth forward. Leaves the cache as it was.
 * @returns [C, V], valid until the next forward
 */
export async function readContinuation(
  sequence: Sequence,
  continuation: Int32Array,
  layers?: Uint8Array,
): Promise<Float32Array> {
  const position = sequence.cache.nextPosition;
  const input = { ids: continuation, layers, want: { logits: 'all' } } as const;
  const { logits } = await sequence.forward(input);
  sequence.edit({ truncate: position });
  return logits;
}

/** @param logits [C, V] */
export function rowsOf(logits: Float32Array, count: number): Float32Array[] {
  const width = logits.length / count;
  return Array.from({ length: count }, (_, row) => logits.subarray(row * width, (row + 1) * width));
}

function textOf(prompt: Prompt): string {
  if (!('text' in prompt)) throw new TypeError('prompts are texts or messages here');
  return prompt.text;
}
