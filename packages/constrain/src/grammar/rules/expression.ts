import type { CharSet } from '../../regex/syntax/char-set.js';

/**
 * The right side of a rule once its surface syntax is gone. A regular expression without anchors is
 * one.
 */
export type Expression =
  /** One code point of the set. */
  | { readonly type: 'set'; readonly set: CharSet }
  | { readonly type: 'sequence'; readonly parts: readonly Expression[] }
  | { readonly type: 'alternatives'; readonly parts: readonly Expression[] }
  /** `max` may be Infinity. */
  | {
      readonly type: 'repeat';
      readonly part: Expression;
      readonly min: number;
      readonly max: number;
    }
  /** Derives what the rule with this index derives. */
  | { readonly type: 'rule'; readonly rule: number }
  /** Derives what leads a deterministic automaton from its first state to an accepting one. */
  | { readonly type: 'automaton'; readonly states: readonly AutomatonState[] };

export interface AutomatonState {
  readonly accepting: boolean;
  /** Disjoint sets, and the states after them. */
  readonly edges: readonly (readonly [set: CharSet, to: number])[];
}

export interface Rule {
  readonly name: string;
  readonly body: Expression;
  /** Index in the source at which it is defined. */
  readonly position: number;
}

/** A grammar in any syntax, read and checked: every rule that is named exists. */
export interface Rules {
  readonly rules: readonly Rule[];
  /** Index of the rule that a text is to match. */
  readonly start: number;
}

/** The empty text. */
export const nothing: Expression = { type: 'sequence', parts: [] };

/** The code points of a text in this order. */
export function literal(sets: readonly CharSet[]): Expression {
  return { type: 'sequence', parts: sets.map((set) => ({ type: 'set', set })) };
}

/** The expressions that an expression directly consists of. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.type) {
    case 'sequence':
    case 'alternatives':
      return expression.parts;
    case 'repeat':
      return [expression.part];
    default:
      return [];
  }
}

export function repeat(part: Expression, min: number, max: number): Expression {
  return { type: 'repeat', part, min, max };
}

export function sequence(parts: readonly Expression[]): Expression {
  return parts.length === 1 ? parts[0] : { type: 'sequence', parts };
}

export function alternatives(parts: readonly Expression[]): Expression {
  return parts.length === 1 ? parts[0] : { type: 'alternatives', parts };
}
