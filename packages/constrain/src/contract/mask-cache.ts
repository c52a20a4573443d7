import type { TokenTrie } from './token-trie.js';

/** Bytes of the masks that one cache holds. */
const maxBytes = 16 * 1024 * 1024;

/**
 * Masks by state, the least recently used forgotten first: 16 MB, 2,700 masks of 49,152 tokens, for
 * each vocabulary.
 */
export class MaskCache<State> {
  readonly #caches = new WeakMap<TokenTrie, Map<State, Uint32Array>>();

  /** @param compute called where the mask is not known */
  get(state: State, trie: TokenTrie, compute: () => Uint32Array): Uint32Array {
    const masks = this.#of(trie);
    const known = masks.get(state);
    if (known) {
      // Behind all others: a Map goes through its keys as they were added.
      masks.delete(state);
      masks.set(state, known);
      return known;
    }
    const mask = compute();
    if ((masks.size + 1) * mask.byteLength > maxBytes) {
      const oldest = masks.keys().next();
      if (!oldest.done) masks.delete(oldest.value);
    }
    masks.set(state, mask);
    return mask;
  }

  #of(trie: TokenTrie): Map<State, Uint32Array> {
    const known = this.#caches.get(trie);
    if (known) return known;
    const created = new Map<State, Uint32Array>();
    this.#caches.set(trie, created);
    return created;
  }
}
