import type { Tokenizer } from '@pliant/core';

const caches = new WeakMap<Tokenizer, (Uint8Array | undefined)[]>();

/**
 * Bytes of a token by id, asked from the tokenizer once; undefined for control tokens and tokens
 * without bytes.
 */
export function tokenBytes(tokenizer: Tokenizer): (id: number) => Uint8Array | undefined {
  let cache = caches.get(tokenizer);
  if (!cache) {
    cache = [];
    caches.set(tokenizer, cache);
  }
  const known = cache;
  return (id) => {
    const cached = known[id];
    if (cached) return cached;
    if (id >= tokenizer.vocabularySize || tokenizer.special.has(id)) return undefined;
    const bytes = tokenizer.bytes(id);
    if (bytes.length === 0) return undefined;
    known[id] = bytes;
    return bytes;
  };
}
