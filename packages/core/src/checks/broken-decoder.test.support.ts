import type { Decoder, ForwardOutput, Sequence } from '../contract/decoder.js';
import { type MockDecoderOptions, mockDecoder } from '../testing/index.js';

/**
 * The mock decoder with the logits of each forward from the n-th on changed, of drafts and batches
 * too.
 */
export function brokenDecoder(
  change: (logits: Float32Array) => void,
  { from = 1, ...options }: MockDecoderOptions & { readonly from?: number } = {},
): Decoder {
  const decoder = mockDecoder(options);
  const sequences = new Map<Sequence, Sequence>();
  let forwards = 0;
  const spoil = (output: ForwardOutput) => {
    if (++forwards >= from) change(output.logits);
    return output;
  };
  const wrap = (sequence: Sequence): Sequence => {
    const wrapped: Sequence = {
      cache: sequence.cache,
      forward: async (input) => spoil(await sequence.forward(input)),
      edit: (edit) => sequence.edit(edit),
      fork: async (edit) => wrap(await sequence.fork(edit)),
      save: () => sequence.save!(),
      restore: (saved) => sequence.restore!(saved),
      close: () => sequence.close(),
    };
    sequences.set(wrapped, sequence);
    return wrapped;
  };
  return {
    ...decoder,
    open: async (opened) => wrap(await decoder.open(opened)),
    forwardBatch: async (batch, inputs) => {
      const outputs = await decoder.forwardBatch(
        batch.map((sequence) => sequences.get(sequence)!),
        inputs,
      );
      return outputs.map(spoil);
    },
  };
}
