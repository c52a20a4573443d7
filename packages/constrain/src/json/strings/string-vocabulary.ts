import type { TokenTrie } from '../../contract/token-trie.js';
import { inText, type Spelling, type StringPlace, stepString } from './string-place.js';

/** The tokens of a vocabulary as they are read inside strings. */
export interface StringVocabulary {
  /**
   * [nodes], how the way to a node goes: 0 not inside a string, 1 by plain characters, 2 by a quote
   * or an escape.
   */
  readonly ways: Uint8Array;
  /** [nodes], whether a quote or an escape comes at the node or below. */
  readonly hasSpecial: Uint8Array;
  /**
   * Masks of the tokens of at most n plain characters, by n; the last has all. A character counts
   * once it begins.
   */
  readonly plain: readonly Uint32Array[];
}

const vocabularies = new WeakMap<TokenTrie, Map<Spelling, StringVocabulary>>();

/** Found out once for each vocabulary. */
export function stringVocabulary(trie: TokenTrie, spelling: Spelling): StringVocabulary {
  const known = vocabularies.get(trie) ?? new Map<Spelling, StringVocabulary>();
  vocabularies.set(trie, known);
  const vocabulary = known.get(spelling) ?? build(trie, spelling);
  known.set(spelling, vocabulary);
  return vocabulary;
}

function build(trie: TokenTrie, spelling: Spelling): StringVocabulary {
  const { byte, depth, next, tokensFrom, tokens } = trie;
  const nodes = byte.length;
  const ways = new Uint8Array(nodes);
  const hasSpecial = new Uint8Array(nodes);
  const places: StringPlace[] = [inText];
  const lengths = [0];
  /** Ids by number of characters. */
  const byLength: number[][] = [[]];
  for (let node = 1; node < nodes; ) {
    const above = depth[node] - 1;
    if (byte[node] === 0x22 || byte[node] === 0x5c) {
      if (places[above] === inText) ways[node] = 2;
      node = next[node];
      continue;
    }
    const step = stepString(places[above], byte[node], spelling);
    if (!step) {
      node = next[node];
      continue;
    }
    ways[node] = 1;
    places[above + 1] = step.place;
    const isLead = byte[node] < 0x80 || byte[node] >= 0xc0;
    const length = lengths[above] + (isLead ? 1 : 0);
    lengths[above + 1] = length;
    byLength[length] ??= [];
    for (let at = tokensFrom[node]; at < tokensFrom[node + 1]; at++)
      byLength[length].push(tokens[at]);
    node++;
  }
  for (let node = nodes - 1; node > 0; node--) {
    hasSpecial[node] = ways[node] === 2 ? 1 : 0;
    for (let child = node + 1; child < next[node] && !hasSpecial[node]; child = next[child])
      hasSpecial[node] = hasSpecial[child];
  }
  return { ways, hasSpecial, plain: accumulate(byLength, Math.ceil(trie.vocabularySize / 32)) };
}

function accumulate(byLength: readonly (readonly number[])[], words: number): Uint32Array[] {
  let mask = new Uint32Array(words);
  return Array.from(byLength, (ids) => {
    mask = mask.slice();
    for (const id of ids ?? []) mask[id >>> 5] |= 1 << (id & 31);
    return mask;
  });
}
