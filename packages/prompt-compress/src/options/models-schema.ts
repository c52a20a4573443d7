import type { Decoder, Tokenizer } from '@pliant/core';
import { z } from 'zod/v4';

export const decoderSchema = z.custom<Decoder>(
  (value) => typeof (value as Decoder | undefined)?.open === 'function',
  'must be a decoder, such as decoder.draft({ layers: 8 })',
);

export const tokenizerSchema = z.custom<Tokenizer>(
  (value) => typeof (value as Tokenizer | undefined)?.encode === 'function',
  'must be a Tokenizer, for example from openTokenizer of @pliant/transformers',
);
