import { createHash } from 'node:crypto';

/** Fingerprint of a vocabulary: SHA-256 over its tokens in id order, each as length and text; a missing id counts as the empty token. */
export function fingerprintVocabulary(tokens: readonly (string | undefined)[]): string {
  const hash = createHash('sha256');
  for (const token of tokens) hash.update(`${token?.length ?? 0}:${token ?? ''}`);
  return hash.digest('hex');
}
