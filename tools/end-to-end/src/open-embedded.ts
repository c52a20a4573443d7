import type { Capability, Decoder, Sequence } from '@pliant/core';
import type { OpenDecoderOptions } from '@pliant/engine-ort';
import { openEmbedded as open } from '@pliant/shared/open-embedded';

export type { EmbeddedDecoder } from '@pliant/shared/open-embedded';

/**
 * Opens the embedded model and its tokenizer for one test file, on one thread: several wait for
 * each other at every operator and spin, which costs more than it gains where test runs share the
 * cores.
 */
export const openEmbedded = (options?: OpenDecoderOptions) => open({ threads: 1, ...options });

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
