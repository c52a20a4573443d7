import type { CharSet } from '../syntax/char-set.js';
import type { Utf8Node } from './alphabet.js';
import type { Rest } from './rest.js';

/**
 * A state of the automaton: the text so far, as far as it matters. Only states from which some text
 * leads to acceptance exist. Transitions are filled in when first asked for; states outlive a
 * clearing of the table, they only lose what they knew.
 */
export interface RegexState {
  /**
   * `read` instructions that may come next, ascending. Each of them leads to acceptance, but where
   * the pattern looks around.
   */
  readonly reads: Int32Array;
  /** If the pattern looks around: all that must follow. Only for states between characters. */
  readonly look: LookNode | undefined;
  /**
   * The place inside a character at which the text ends; the alphabet's root between characters.
   */
  readonly within: Utf8Node;
  /**
   * Whether the text so far matches. Inside a character: with the half of it as ill-formed bytes.
   */
  readonly accepting: boolean;
  /** By byte; null: no text with this prefix matches. */
  readonly byByte: (RegexState | null | undefined)[];
  /** By class of code points. Only for states between characters. */
  readonly byClass: (RegexState | null | undefined)[];
  /** States inside a character that begins here, by node. */
  readonly inside: Map<Utf8Node, RegexState | null>;
  /** The state before the character that the text ends in. */
  readonly before: RegexState | undefined;
}

/** A place between characters of a text, as far as what was read matters. */
export interface LookNode {
  /** The rest that must follow. */
  readonly main: Rest;
  /** [look-behinds], what must follow for a match that has begun to end. */
  readonly behinds: readonly Rest[];
  /** By class; null if no text with this beginning can match. */
  readonly next: (LookNode | null | undefined)[];
  /** Whether some text leads to acceptance, once known. */
  viable: boolean | undefined;
  /** A class that leads on to acceptance, -1 where the text may end; once known. */
  way: number | undefined;
  /** The state of this node, once asked for. */
  state: RegexState | undefined;
}

/** States of the text between characters. */
export interface ClassSteps {
  readonly start: RegexState | undefined;
  /** The state after a class of code points; null when no text that begins so matches. */
  step(state: RegexState, id: number): RegexState | null;
  /** Whether no longer text matches. */
  isLast(state: RegexState): boolean;
  /** Whether every text that begins so matches, where that is plain to see. */
  isSettled(state: RegexState): boolean;
  /**
   * Code points, each of which leads on to acceptance, from a state that is not accepting, where
   * known. Of patterns that look around.
   */
  wayFrom?(state: RegexState): CharSet | undefined;
  /** Accounts for memory that a state has taken. */
  hold(cost: number): void;
}

/** The cost of a state besides its instructions. */
export const stateCost = 300;

export function newState(
  reads: Int32Array,
  within: Utf8Node,
  accepting: boolean,
  before: RegexState | undefined,
  look: LookNode | undefined,
): RegexState {
  return { reads, look, within, accepting, byByte: [], byClass: [], inside: new Map(), before };
}
