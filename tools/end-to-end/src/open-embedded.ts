import type { Capability, Decoder, Sequence } from '@pliant/core';
import { type OpenDecoderOptions, type OrtDecoder, openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer, type TransformersTokenizer } from '@pliant/transformers';

export type EmbeddedDecoder = OrtDecoder<(typeof smollm2.capabilities)[number]>;

/**
 * The embedded model and its tokenizer, for one test file. On one thread: several wait for each other at every operator and spin, which
 * costs more than it gains where test runs share the cores.
 */
export async function openEmbedded(
  options?: OpenDecoderOptions,
): Promise<{ decoder: EmbeddedDecoder; tokenizer: TransformersTokenizer }> {
  return {
    decoder: await openDecoder(smollm2, { threads: 1, ...options }),
    tokenizer: await openTokenizer(smollm2),
  };
}

/** The sequences of `decoder` that are open, from now on: its own and their forks. */
export function trackSequences<Have extends Capability>(
  decoder: Decoder<Have>,
): ReadonlySet<Sequence> {
  const open = new Set<Sequence>();
  const track = (sequence: Sequence): Sequence => {
    const { close, fork } = sequence;
    open.add(sequence);
    sequence.close = () => {
      open.delete(sequence);
      close.call(sequence);
    };
    sequence.fork = async (edit) => track(await fork.call(sequence, edit));
    return sequence;
  };
  const openUntracked = decoder.open.bind(decoder);
  decoder.open = async (options) => track(await openUntracked(options));
  return open;
}
