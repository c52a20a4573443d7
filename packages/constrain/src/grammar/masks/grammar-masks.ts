import { emptyMask } from '../../contract/token-mask.js';
import type { TokenTrie } from '../../contract/token-trie.js';
import type { Column, GrammarState } from '../recogniser/column.js';
import type { Recogniser } from '../recogniser/recogniser.js';
import { MaskBelow } from './mask-below.js';
import { type ShapeMask, ShapeMasks } from './shape-masks.js';

/** Nodes of the smallest part of a trie that is worth a mask of its own. */
const minShared = 200;

/**
 * Masks of columns. Most of a walk along the trie is the same in all columns with the same open
 * places, wherever their frames began: it is done once for each such shape and part of the trie.
 * What remains are the bytes after the end of a frame.
 */
export class GrammarMasks {
  readonly #recogniser: Recogniser;
  readonly #shapes = new ShapeMasks();
  /** States along the path to the node at hand, by depth. */
  readonly #path: GrammarState[] = [];

  constructor(recogniser: Recogniser) {
    this.#recogniser = recogniser;
  }

  mask(state: GrammarState, trie: TokenTrie): Uint32Array {
    const below = new MaskBelow(trie, emptyMask(trie), undefined);
    this.#addBelow(0, state, below);
    return below.mask;
  }

  /** Sets the tokens that end at or below a node that `state` is reached at. */
  #add(node: number, state: GrammarState, below: MaskBelow): void {
    below.reach(node, state);
    this.#addBelow(node, state, below);
  }

  #addBelow(node: number, state: GrammarState, below: MaskBelow): void {
    const { trie } = below;
    const isLarge = trie.next[node] - node > minShared;
    const shape = isLarge && !state.within ? this.#recogniser.shape(state) : undefined;
    if (state.within || !shape) this.#walk(node, state, below);
    else this.#join(this.#shapeMask(node, shape, trie), state, below);
  }

  /** Adds what is known of a shape, where `column` has that shape. */
  #join({ mask, exits }: ShapeMask, column: Column, below: MaskBelow): void {
    for (let word = 0; word < mask.length; word++) below.mask[word] |= mask[word];
    for (const exit of exits) {
      const origin = column.origins[exit.outside];
      if (origin.outside >= 0) {
        below.exits?.share({ ...exit, outside: origin.outside });
        continue;
      }
      const after = this.#recogniser.afterFrame(origin, exit.frame);
      for (const further of after.exits) below.exits?.share({ ...further, nodes: exit.nodes });
      for (const [byte, nodes] of exit.nodes) {
        const state = this.#recogniser.step(after, byte);
        if (state !== null) for (const node of nodes) this.#add(node, state, below);
      }
    }
  }

  #shapeMask(node: number, shape: Column, trie: TokenTrie): ShapeMask {
    const known = this.#shapes.get(trie, shape, node);
    if (known) return known;
    const below = MaskBelow.ofShape(trie);
    const { next, byte } = trie;
    for (let child = node + 1; child < next[node]; child = next[child]) {
      const state = this.#recogniser.step(shape, byte[child]);
      if (state !== null) this.#add(child, state, below);
    }
    const computed = { mask: below.mask, exits: below.exits!.all() };
    this.#shapes.set(trie, shape, node, computed);
    return computed;
  }

  /** The same as `#addBelow`, byte by byte. */
  #walk(top: number, state: GrammarState, below: MaskBelow): void {
    const { byte, depth, next } = below.trie;
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
      below.reach(node, after);
      node++;
    }
  }
}
