import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import type { Decoder } from '../contract/decoder.js';
import type { Tokenizer } from '../contract/tokenizer.js';
import { parseArguments } from './parse-options.js';

const schema = z.strictObject({ tokens: z.array(z.string().optional()) });

/**
 * Fingerprint of a vocabulary: SHA-256 over its tokens in id order, each as length and text; a
 * missing id counts as the empty token.
 * @throws InvalidArgumentError
 */
export function fingerprintVocabulary(tokens: readonly (string | undefined)[]): string {
  parseArguments('fingerprintVocabulary', schema, { tokens });
  const hash = createHash('sha256');
  for (const token of tokens) hash.update(`${token?.length ?? 0}:${token ?? ''}`);
  return hash.digest('hex');
}

/**
 * Whether a draft reads the ids of `decoder` and its tokenizer: compared by the fingerprint of the
 * draft's vocabulary and, only where that is not known, by the number of logits, since models of
 * one family pad it differently.
 */
export function sharesVocabulary(draft: Decoder, decoder: Decoder, tokenizer: Tokenizer): boolean {
  return draft.vocabularyFingerprint === undefined
    ? draft.shape.vocabulary === decoder.shape.vocabulary
    : draft.vocabularyFingerprint === tokenizer.fingerprint;
}
