import { emptyMask } from '../../contract/token-mask.js';
import type { TokenTrie } from '../../contract/token-trie.js';
import type { GrammarState } from '../recogniser/column.js';
import { ExitTable } from './exit-table.js';

/** Facts found along a part of a trie. */
export class MaskBelow {
  /** @param exits absent where nothing is outside: in an ordinary column */
  constructor(
    readonly trie: TokenTrie,
    readonly mask: Uint32Array,
    readonly exits: ExitTable | undefined,
  ) {}

  static ofShape(trie: TokenTrie): MaskBelow {
    return new MaskBelow(trie, emptyMask(trie), new ExitTable(trie));
  }

  /** Some text that goes on from `state` leads on from a node: its tokens are allowed. */
  reach(node: number, state: GrammarState): void {
    const { tokensFrom, tokens } = this.trie;
    for (let at = tokensFrom[node]; at < tokensFrom[node + 1]; at++)
      this.mask[tokens[at] >>> 5] |= 1 << (tokens[at] & 31);
    if (this.exits && !state.within && state.exits.length > 0) this.exits.add(node, state);
  }
}
