import type { TokenTrie } from '../../contract/token-trie.js';
import type { Column, Exit } from '../recogniser/column.js';

/** Places along the tokens at which a frame ends that began outside the shape. */
export interface ShapeExit extends Exit {
  /** Bytes, and the nodes of the trie that are reached by them from after the end of the frame. */
  readonly nodes: readonly (readonly [byte: number, nodes: readonly number[]])[];
}

interface Group extends Exit {
  readonly nodes: Map<number, number[]>;
}

/** Collects exits along a trie. */
export class ExitTable {
  readonly #groups: Group[] = [];
  readonly #byColumn = new Map<Column, Group[]>();
  readonly #shared: ShapeExit[] = [];

  constructor(readonly trie: TokenTrie) {}

  /** Frames that began outside end in `column`, at a node. */
  add(node: number, column: Column): void {
    const { byte, next } = this.trie;
    if (next[node] === node + 1) return;
    for (const { nodes } of this.#groupsOf(column))
      for (let child = node + 1; child < next[node]; child = next[child]) {
        const known = nodes.get(byte[child]);
        if (known) known.push(child);
        else nodes.set(byte[child], [child]);
      }
  }

  /** Exits that were found out before, in another shape. */
  share(exit: ShapeExit): void {
    this.#shared.push(exit);
  }

  all(): ShapeExit[] {
    const own = this.#groups.map((group) => ({ ...group, nodes: [...group.nodes] }));
    return [...own, ...this.#shared];
  }

  #groupsOf(column: Column): Group[] {
    const known = this.#byColumn.get(column);
    if (known) return known;
    const groups = column.exits.map((exit) => {
      const found = this.#groups.find(
        ({ outside, frame }) => outside === exit.outside && frame === exit.frame,
      );
      const group = found ?? { ...exit, nodes: new Map<number, number[]>() };
      if (!found) this.#groups.push(group);
      return group;
    });
    this.#byColumn.set(column, groups);
    return groups;
  }
}
