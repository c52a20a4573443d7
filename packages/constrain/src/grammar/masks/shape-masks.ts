import type { TokenTrie } from '../../contract/token-trie.js';
import type { Column } from '../recogniser/column.js';
import type { ShapeExit } from './exit-table.js';

/** Bytes that the masks of shapes may take for each vocabulary. */
const maxBytes = 32 * 1024 * 1024;

/** Says what the tokens below a node of the trie do in all columns of one shape. */
export interface ShapeMask {
  /** Tokens that stay in what is open here, or end with it. */
  readonly mask: Uint32Array;
  readonly exits: readonly ShapeExit[];
}

/** Masks of shapes, those of the oldest shape forgotten first. */
export class ShapeMasks {
  readonly #byTrie = new WeakMap<
    TokenTrie,
    { bytes: number; shapes: Map<Column, Map<number, ShapeMask>> }
  >();

  get(trie: TokenTrie, shape: Column, node: number): ShapeMask | undefined {
    return this.#byTrie.get(trie)?.shapes.get(shape)?.get(node);
  }

  set(trie: TokenTrie, shape: Column, node: number, mask: ShapeMask): void {
    const known = this.#byTrie.get(trie) ?? { bytes: 0, shapes: new Map() };
    this.#byTrie.set(trie, known);
    const masks = known.shapes.get(shape) ?? new Map<number, ShapeMask>();
    known.shapes.set(shape, masks);
    masks.set(node, mask);
    known.bytes += bytesOf(mask);
    for (const [oldest, old] of known.shapes) {
      if (known.bytes <= maxBytes || oldest === shape) break;
      known.shapes.delete(oldest);
      for (const mask of old.values()) known.bytes -= bytesOf(mask);
    }
  }
}

function bytesOf({ mask, exits }: ShapeMask): number {
  let bytes = mask.byteLength;
  for (const { nodes } of exits) {
    bytes += 100;
    for (const [, of] of nodes) bytes += 50 + 8 * of.length;
  }
  return bytes;
}
