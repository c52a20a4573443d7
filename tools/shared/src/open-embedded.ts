import { type OpenDecoderOptions, type OrtDecoder, openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer, type TransformersTokenizer } from '@pliant/transformers';

export type EmbeddedDecoder = OrtDecoder<(typeof smollm2.capabilities)[number]>;

/** Opens the embedded model and its tokenizer. The caller closes the decoder. */
export async function openEmbedded(
  options?: OpenDecoderOptions,
): Promise<{ decoder: EmbeddedDecoder; tokenizer: TransformersTokenizer }> {
  return {
    decoder: await openDecoder(smollm2, options),
    tokenizer: await openTokenizer(smollm2),
  };
}
