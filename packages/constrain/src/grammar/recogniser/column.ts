import type { Utf8Node } from '../../regex/automaton/alphabet.js';
import type { ItemSet } from '../network/item-set.js';

/**
 * An Earley column: a place in a text between two characters. Item i of an ordinary column is a
 * place in a rule and the column in which the rule began; here those with the same beginning are
 * one item set. A column is found again, as the same object, wherever the same places are open with
 * the same beginnings, so that repetitions are cycles and what follows is found out once.
 */
export interface Column {
  readonly id: number;
  /** Undefined: the text does not end inside a character. */
  readonly within: undefined;
  /** Columns in which frames began that are still open, by ascending id, and the places in them. */
  readonly origins: readonly Column[];
  readonly sets: readonly ItemSet[];
  /** Places in frames that begin here. */
  readonly begun: ItemSet | undefined;
  /**
   * Frames that end here and began at a placeholder. In an ordinary column: the whole text, if the
   * text so far is derived.
   */
  readonly exits: readonly Exit[];
  /** By class of code points; null: no text goes on so. */
  readonly byClass: (Column | null | undefined)[];
  /** States inside a character that begins here, by node. */
  inside: Map<Utf8Node, PartOfCharacter | null> | undefined;
  /** By frame that began here: the groups that are open once it has ended. */
  returns: Map<number, Groups> | undefined;
  /** By frame: the column of all that is open then. */
  afterFrames: Map<number, Column> | undefined;
  /** Held on the way here. */
  readonly depth: number;
  /** Index among the columns that stand for what is not known; -1 for ordinary ones. */
  readonly outside: number;
  /** Scratch of the recogniser: place in the column that is being built. */
  mark: number;
  slot: number;
}

/** The end of a frame whose origin is `outside`. */
export interface Exit {
  readonly outside: number;
  readonly frame: number;
}

/** The text ends inside a character that begins after `before`. */
export interface PartOfCharacter {
  readonly before: Column;
  readonly within: Utf8Node;
}

export type GrammarState = Column | PartOfCharacter;

/** Item sets by the columns in which their frames began. */
export interface Groups {
  readonly origins: Column[];
  readonly sets: ItemSet[];
}
