import { parseArguments, type Tokenizer, tokenizerSchema } from '@pliant/core';
import { z } from 'zod/v4';
import { commonLength } from './common-length.js';
import { tokenBytes } from './token-bytes.js';

/**
 * The tokens of a vocabulary as a trie over their bytes: nodes in preorder, children by ascending
 * byte. Node 0 is the root. Without control tokens, the end of the text and tokens without bytes.
 */
export interface TokenTrie {
  /** Number of ids of the tokenizer, those left out too. */
  readonly vocabularySize: number;
  /** [nodes], that leads to the node; 0 for the root. */
  readonly byte: Uint8Array;
  /** [nodes], bytes from the root. */
  readonly depth: Uint8Array | Uint16Array;
  /** [nodes], the first node after the subtree. */
  readonly next: Uint32Array;
  /**
   * [nodes + 1], where in `tokens` the ids that end at the node begin: those of a subtree are
   * tokens[tokensFrom[node]] to tokens[tokensFrom[next[node]] - 1].
   */
  readonly tokensFrom: Uint32Array;
  /** Ids in preorder. */
  readonly tokens: Uint32Array;
}

const tries = new WeakMap<Tokenizer, TokenTrie>();

const argumentsSchema = z.strictObject({ tokenizer: tokenizerSchema });

/**
 * The trie of a tokenizer, built once: about 0.1 s and 2 MB for 50,000 tokens. @throws
 * InvalidArgumentError
 */
export function tokenTrie(tokenizer: Tokenizer): TokenTrie {
  parseArguments('tokenTrie', argumentsSchema, { tokenizer });
  const known = tries.get(tokenizer);
  if (known) return known;
  const trie = buildTrie(tokenizer);
  tries.set(tokenizer, trie);
  return trie;
}

function buildTrie(tokenizer: Tokenizer): TokenTrie {
  const bytesOf = tokenBytes(tokenizer);
  const sorted: { readonly id: number; readonly bytes: Uint8Array }[] = [];
  for (let id = 0; id < tokenizer.vocabularySize; id++) {
    const bytes = tokenizer.endOfText.has(id) ? undefined : bytesOf(id);
    if (bytes) sorted.push({ id, bytes });
  }
  sorted.sort((a, b) => compare(a.bytes, b.bytes) || a.id - b.id);
  const byte = [0];
  const depth = [0];
  const next = [0];
  const tokensFrom = [0];
  /** Nodes from the root to the last token. */
  const path = [0];
  const leave = (above: number) => {
    while (path.length > above) next[path.pop()!] = byte.length;
  };
  let longest = 0;
  let before: Uint8Array = new Uint8Array(0);
  for (const [index, { bytes }] of sorted.entries()) {
    leave(commonLength(before, bytes) + 1);
    for (let at = path.length - 1; at < bytes.length; at++) {
      path.push(byte.length);
      byte.push(bytes[at]);
      depth.push(at + 1);
      next.push(0);
      tokensFrom.push(index);
    }
    longest = Math.max(longest, bytes.length);
    before = bytes;
  }
  leave(0);
  tokensFrom.push(sorted.length);
  if (longest > 0xffff) throw new RangeError(`a token of ${longest} bytes; 65535 is the limit`);
  return {
    vocabularySize: tokenizer.vocabularySize,
    byte: Uint8Array.from(byte),
    depth: longest > 0xff ? Uint16Array.from(depth) : Uint8Array.from(depth),
    next: Uint32Array.from(next),
    tokensFrom: Uint32Array.from(tokensFrom),
    tokens: Uint32Array.from(sorted, ({ id }) => id),
  };
}

/** Compares like `Buffer.compare`, in half its time for tokens. */
function compare(a: Uint8Array, b: Uint8Array): number {
  const at = commonLength(a, b);
  return at < a.length && at < b.length ? a[at] - b[at] : a.length - b.length;
}
