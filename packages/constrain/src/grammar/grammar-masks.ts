import { emptyMask } from '../token-mask.js';
import type { TokenTrie } from '../token-trie.js';
import type { Column, GrammarState, Recogniser } from './recogniser.js';
import { type ShapeExits, ShapeMasks } from './shape-masks.js';

/**
 * Masks of columns. Most of a walk along the trie is the same in all columns with the same open places, wherever their frames began: it is
 * done once for each such shape. What is left are the bytes behind the end of a frame.
 */
export class GrammarMasks {
  readonly #recogniser: Recogniser;
  readonly #shapes: ShapeMasks;
  /** States along the path to the node at hand, by depth. */
  readonly #path: GrammarState[] = [];

  constructor(recogniser: Recogniser) {
    this.#recogniser = recogniser;
    this.#shapes = new ShapeMasks((trie, shape, exit) => {
      const mask = emptyMask(trie);
      this.#walk(trie, 0, shape, mask, exit);
      return mask;
    });
  }

  mask(state: GrammarState, trie: TokenTrie): Uint32Array {
    const shape = state.within ? undefined : this.#recogniser.shape(state);
    if (state.within || !shape) {
      const mask = emptyMask(trie);
      this.#walk(trie, 0, state, mask);
      return mask;
    }
    const { mask, exits } = this.#shapes.get(shape, trie);
    const all = mask.slice();
    for (const exit of exits) this.#walkBehind(trie, state, exit, all);
    return all;
  }

  /** Sets the tokens that go on behind the end of a frame. */
  #walkBehind(trie: TokenTrie, column: Column, exits: ShapeExits, mask: Uint32Array): void {
    const after = this.#recogniser.afterFrame(column.origins[exits.outside], exits.frame);
    if (!after) return;
    for (const [byte, nodes] of exits.nodes.entries()) {
      const state = nodes && this.#recogniser.step(after, byte);
      if (!state) continue;
      for (const node of nodes) {
        setTokens(trie, node, mask);
        this.#walk(trie, node, state, mask);
      }
    }
  }

  /**
   * Sets the tokens below a node that lead on from `state`.
   * @param exit called with the nodes at which a frame ends that began outside of the shape
   */
  #walk(
    trie: TokenTrie,
    top: number,
    state: GrammarState,
    mask: Uint32Array,
    exit?: (node: number, column: Column) => void,
  ): void {
    const { byte, depth, next } = trie;
    const path = this.#path;
    path[depth[top]] = state;
    const end = next[top];
    for (let node = top + 1; node < end; ) {
      const after = this.#recogniser.step(path[depth[node] - 1], byte[node]);
      if (after === null) {
        node = next[node];
        continue;
      }
      path[depth[node]] = after;
      setTokens(trie, node, mask);
      if (exit && after.within === undefined && after.exits.length > 0) exit(node, after);
      node++;
    }
  }
}

function setTokens({ tokensFrom, tokens }: TokenTrie, node: number, mask: Uint32Array): void {
  for (let at = tokensFrom[node]; at < tokensFrom[node + 1]; at++)
    mask[tokens[at] >>> 5] |= 1 << (tokens[at] & 31);
}
