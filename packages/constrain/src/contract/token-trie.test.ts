import { mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { type TokenTrie, tokenTrie } from './token-trie.js';

/** Every id with the bytes that lead to it. */
function spelled({ byte, depth, next, tokensFrom, tokens }: TokenTrie): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const path: number[] = [];
  for (let node = 0; node < byte.length; node++) {
    expect(next[node]).toBeGreaterThan(node);
    if (node > 0) {
      path.length = depth[node] - 1;
      path.push(byte[node]);
    }
    for (let at = tokensFrom[node]; at < tokensFrom[node + 1]; at++)
      found.set(tokens[at], [...path]);
  }
  return found;
}

describe('tokenTrie', () => {
  it('spells every token but control tokens, two of the same bytes too', () => {
    const tokenizer = mockTokenizer();
    const found = spelled(tokenTrie(tokenizer));
    const ids = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id);
    expect([...found.keys()].sort((a, b) => a - b)).toEqual(
      ids.filter((id) => !tokenizer.special.has(id)),
    );
    for (const [id, bytes] of found) expect(bytes).toEqual([...tokenizer.bytes(id)]);
  });

  it('goes by ascending byte, and next leaves the subtree', () => {
    const { byte, depth, next } = tokenTrie(mockTokenizer());
    for (let node = 0; node < byte.length; node++) {
      let last = -1;
      for (let child = node + 1; child < next[node]; child = next[child]) {
        expect(depth[child]).toBe(depth[node] + 1);
        expect(byte[child]).toBeGreaterThan(last);
        last = byte[child];
      }
    }
    expect(next[0]).toBe(byte.length);
  });

  it('leaves out the end of the text and tokens without bytes, and takes long tokens', () => {
    const long = new Uint8Array(300).fill(0x61);
    const vocabulary = [long, new Uint8Array(0), Uint8Array.of(1), Uint8Array.of(2)];
    const tokenizer = {
      ...mockTokenizer(),
      vocabularySize: 4,
      endOfText: new Set([3]),
      special: new Set<number>(),
      bytes: (id: number) => vocabulary[id],
    };
    const trie = tokenTrie(tokenizer);
    expect([...spelled(trie).keys()]).toEqual([2, 0]);
    expect(trie.depth[trie.depth.length - 1]).toBe(300);
  });

  it('is built once', () => {
    const tokenizer = mockTokenizer();
    expect(tokenTrie(tokenizer)).toBe(tokenTrie(tokenizer));
  });
});
