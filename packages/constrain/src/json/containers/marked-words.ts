import { always, type Formula, type Formulas, never } from '../formula/formula.js';
import { goOnCharacter, type Words } from '../formula/words.js';
import type { MarkedTrie } from '../sets/marked-trie.js';

/**
 * Strings in the set: the right words (`'words'`), all that are not words (`'others'`), or all but
 * the wrong words (`'both'`).
 */
export type Counting = 'words' | 'others' | 'both';

const modes: Readonly<Record<Counting, number>> = { words: 0, others: 1, both: 2 };

/** The formula of the strings in the set. */
export function markedWords(formulas: Formulas, trie: MarkedTrie, counting: Counting): Formula {
  return new MarkedWords(trie, trie.label.length, counting, '').formula(formulas);
}

/** A place on the way to the words of a trie. */
class MarkedWords implements Words {
  constructor(
    readonly node: MarkedTrie,
    /** Bytes of the node's label that were read. */
    readonly offset: number,
    readonly counting: Counting,
    readonly begun: string,
  ) {}

  get others(): boolean {
    return this.counting !== 'words';
  }

  get ends(): boolean {
    const isRight = this.offset === this.node.label.length ? this.node.isRight : undefined;
    return isRight === undefined ? this.others : isRight && this.counting !== 'others';
  }

  nextBytes(): readonly number[] {
    const { node, offset } = this;
    if (offset < node.label.length) return [node.label.charCodeAt(offset)];
    const children = this.others
      ? node.children
      : node.children.filter(({ rightSize }) => rightSize > 0);
    return children.map(({ label }) => label.charCodeAt(0));
  }

  step(byte: number): MarkedWords | undefined {
    const { node, offset, counting, begun } = this;
    if (offset < node.label.length)
      return node.label.charCodeAt(offset) === byte
        ? new MarkedWords(node, offset + 1, counting, goOnCharacter(begun, byte))
        : undefined;
    const child = node.child(byte);
    return child && new MarkedWords(child, 1, counting, goOnCharacter(begun, byte));
  }

  /** Kept with the node, so that tries which share it share what is known of the formula. */
  formula(formulas: Formulas): Formula {
    const { node, offset, counting } = this;
    const { size, rightSize } = node;
    if (counting === 'words' && rightSize === 0) return never;
    // A word that is right still differs from others: it may have a value of its own.
    if (size === 0) return always;
    const key = offset * 3 + modes[counting];
    node.kept ??= new Map();
    let formula = node.kept.get(key) as Formula | undefined;
    if (!formula) {
      formula = formulas.fresh({ type: 'words', words: this });
      node.kept.set(key, formula);
    }
    return formula;
  }
}
