import type { TokenTrie } from '../token-trie.js';
import type { Column, Exit } from './recogniser.js';

/** Bytes that the masks of shapes may take for each vocabulary. */
const maxBytes = 32 * 1024 * 1024;

/** What the tokens of a vocabulary do in all columns of one shape. */
export interface ShapeMask {
  /** Tokens that stay in what is open here, or end with it. */
  readonly mask: Uint32Array;
  readonly exits: readonly ShapeExits[];
}

/** Where along the tokens a frame ends that began outside of the shape. */
export interface ShapeExits extends Exit {
  /** [256], by byte the nodes of the trie that are reached by it from behind the end of the frame. */
  readonly nodes: readonly (number[] | undefined)[];
}

/**
 * Goes along the whole trie from a shape.
 * @param exit called with the nodes of the trie at which frames end that began outside, and the columns there
 */
type Walk = (
  trie: TokenTrie,
  shape: Column,
  exit: (node: number, column: Column) => void,
) => Uint32Array;

/** Masks of shapes, the oldest forgotten first. */
export class ShapeMasks {
  readonly #byTrie = new WeakMap<TokenTrie, { bytes: number; masks: Map<Column, ShapeMask> }>();

  constructor(readonly walk: Walk) {}

  get(shape: Column, trie: TokenTrie): ShapeMask {
    const known = this.#byTrie.get(trie) ?? { bytes: 0, masks: new Map<Column, ShapeMask>() };
    this.#byTrie.set(trie, known);
    const found = known.masks.get(shape);
    if (found) return found;
    const exits = new ExitTable(trie);
    const mask = this.walk(trie, shape, (node, column) => exits.add(node, column));
    const computed = { mask, exits: exits.groups };
    known.masks.set(shape, computed);
    known.bytes += bytesOf(computed);
    for (const [oldest, old] of known.masks) {
      if (known.bytes <= maxBytes || oldest === shape) break;
      known.masks.delete(oldest);
      known.bytes -= bytesOf(old);
    }
    return computed;
  }
}

class ExitTable {
  readonly groups: (ShapeExits & { readonly nodes: (number[] | undefined)[] })[] = [];
  readonly #byColumn = new Map<Column, typeof this.groups>();

  constructor(readonly trie: TokenTrie) {}

  add(node: number, column: Column): void {
    const { byte, next } = this.trie;
    for (const { nodes } of this.#groupsOf(column))
      for (let child = node + 1; child < next[node]; child = next[child]) {
        const known = nodes[byte[child]];
        if (known) known.push(child);
        else nodes[byte[child]] = [child];
      }
  }

  #groupsOf(column: Column): typeof this.groups {
    const known = this.#byColumn.get(column);
    if (known) return known;
    const groups = column.exits.map((exit) => {
      const found = this.groups.find(
        ({ outside, frame }) => outside === exit.outside && frame === exit.frame,
      );
      const group = found ?? { ...exit, nodes: new Array(256).fill(undefined) };
      if (!found) this.groups.push(group);
      return group;
    });
    this.#byColumn.set(column, groups);
    return groups;
  }
}

function bytesOf({ mask, exits }: ShapeMask): number {
  let bytes = mask.byteLength;
  for (const { nodes } of exits) for (const of of nodes) bytes += 8 + 8 * (of?.length ?? 0);
  return bytes;
}
