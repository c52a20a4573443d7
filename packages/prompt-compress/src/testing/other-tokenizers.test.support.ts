import type { Decoder, Tokenizer } from '@pliant/core';
import { fingerprintVocabulary } from '@pliant/core/engine';
import { mockTokenizer } from '@pliant/core/testing';

/**
 * A tokenizer whose tokens are the 256 bytes. It has the chat template of `mockTokenizer`, whose
 * control tokens are text to it.
 */
export function byteTokenizer(): Tokenizer {
  return {
    vocabularySize: 256,
    fingerprint: fingerprintVocabulary(
      Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)),
    ),
    endOfText: new Set(),
    special: new Set(),
    encode: (text) => Int32Array.from(Buffer.from(text)),
    decode: (ids) => Buffer.from(ids).toString(),
    bytes: (id) => Uint8Array.of(id),
    renderChat: mockTokenizer().renderChat,
  };
}

/** The decoder of a model with this tokenizer. */
export function decoderWith<D extends Decoder>(decoder: D, tokenizer: Tokenizer): D {
  return Object.assign(Object.create(decoder) as D, {
    vocabularyFingerprint: tokenizer.fingerprint,
  });
}
