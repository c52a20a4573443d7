import type { Members } from '../containers/members.js';
import type { Formula } from '../formula/formula.js';
import type { NumberState, NumberTracker } from '../numbers/number-tracker.js';
import type { Kind } from '../schema/kind.js';
import type { StringPlace } from '../strings/string-place.js';
import type { Obligations } from './obligations.js';

/** An array or object that is open. */
export interface Frame {
  readonly id: number;
  readonly kind: 'array' | 'object';
  readonly parent: Frame | undefined;
  /** Containers that are open, this one included. */
  readonly depth: number;
  readonly obligations: Obligations;
  /** The members so far; only of an object. */
  readonly members: Members | undefined;
  /** Whether the canonical text is wanted, and what there is of it, last first. */
  readonly collects: boolean;
  readonly collected: Collected | undefined;
  /** The formula of the next name, once asked for. */
  names: Formula | undefined;
  /** The next item, once asked for; null if none can come. */
  item: { readonly frame: Frame; readonly start: Obligations } | null | undefined;
  /** The frames after names that were asked for. */
  named: Map<string, { readonly frame: Frame; readonly start: Obligations } | null> | undefined;
}

export interface Collected {
  readonly text: string;
  readonly before: Collected | undefined;
}

/** A value that has begun. */
interface Begun {
  readonly frame: Frame | undefined;
  readonly obligations: Obligations;
}

export type JsonState =
  /** Before a value. `start` is undefined where only the end of an array can come. */
  | {
      readonly at: 'value';
      readonly frame: Frame | undefined;
      readonly start: Obligations | undefined;
      /** The array that may end here without items. */
      readonly empty: Frame | undefined;
      readonly gap: WhitespacePlace;
      readonly blanks: number;
    }
  | (Begun & { readonly at: 'word'; readonly kind: Kind; readonly length: number })
  | NumberText
  | StringText
  /** Before a name. */
  | {
      readonly at: 'name';
      readonly frame: Frame;
      readonly gap: WhitespacePlace;
      readonly blanks: number;
    }
  /** After a name. */
  | {
      readonly at: 'colon';
      readonly frame: Frame;
      readonly start: Obligations;
      readonly blanks: number;
    }
  /** After a member or an item. */
  | { readonly at: 'next'; readonly frame: Frame; readonly blanks: number }
  | { readonly at: 'end' };

export interface NumberText extends Begun {
  readonly at: 'number';
  readonly text: string;
  readonly trackers: readonly NumberTracker[];
  readonly states: readonly NumberState[];
  /** The state if the number ends here, once asked for; null: it cannot. */
  finished: JsonState | null | undefined;
}

export interface StringText extends Begun {
  readonly at: 'string';
  readonly isName: boolean;
  readonly place: StringPlace;
  /** The string so far, as bytes, where it is kept. */
  readonly text: string;
  readonly keepsText: boolean;
  /** The state if the string ends here, once asked for; null: it cannot. */
  finished: JsonState | null | undefined;
}

/**
 * Places of whitespace: before the document, or after an opening bracket, a comma, a name, its
 * colon, a member or an item.
 */
export type WhitespacePlace = 'document' | 'open' | 'comma' | 'name' | 'colon' | 'close';
