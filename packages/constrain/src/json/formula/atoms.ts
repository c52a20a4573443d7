import type { RegexState } from '../../regex/automaton/regex-state.js';
import type { SchemaNode } from '../schema/schema-document.js';
import type { NameSet } from '../sets/name-set.js';
import type { NumberValues } from '../sets/number-values.js';
import type { SeenItems } from '../sets/seen-items.js';
import type { Formula } from './formula.js';
import type { ItemsRule } from './items-rule.js';
import type { PropertiesRule } from './properties-rule.js';
import type { StringPattern } from './string-pattern.js';
import type { Words } from './words.js';

/** One thing that a value must satisfy, with what is known of the value so far. */
export type Atom =
  /** Before the value begins: it satisfies a schema. */
  | { readonly type: 'schema'; readonly node: SchemaNode }
  /** Before the value begins: it equals none of these. */
  | { readonly type: 'unseen'; readonly items: SeenItems }
  /**
   * At least this many more characters, items or members follow. `inUnits`: UTF-16 units of a
   * string.
   */
  | { readonly type: 'atLeast'; readonly left: number; readonly inUnits?: boolean }
  /**
   * At most this many more characters, items or members follow. `inUnits`: UTF-16 units of a
   * string.
   */
  | { readonly type: 'atMost'; readonly left: number; readonly inUnits?: boolean }
  | { readonly type: 'pattern'; readonly pattern: StringPattern; readonly state: RegexState }
  /** The string goes on as one of the words. */
  | { readonly type: 'words'; readonly words: Words }
  /** Judges the finished string. */
  | { readonly type: 'check'; readonly check: (text: string) => boolean }
  | { readonly type: 'number'; readonly rule: NumberRule }
  /**
   * `left`: named members that can still come; counted only where nothing else is asked of members.
   */
  | { readonly type: 'properties'; readonly rule: PropertiesRule; readonly left: number }
  | { readonly type: 'required'; readonly names: NameSet }
  | { readonly type: 'propertyNames'; readonly name: Formula }
  /** `index`: of the next item; not beyond the items with a schema of their own. */
  | { readonly type: 'items'; readonly rule: ItemsRule; readonly index: number }
  | {
      readonly type: 'contains';
      readonly item: Formula;
      readonly least: number;
      readonly most: number;
    }
  | { readonly type: 'unique'; readonly items: SeenItems | undefined }
  /** The member or item at hand decides: `value` is what it is asked for. */
  | {
      readonly type: 'pending';
      readonly value: Formula;
      readonly ifTrue: Formula;
      readonly ifFalse: Formula;
    }
  /** The member or item at hand satisfies `value`. */
  | { readonly type: 'demand'; readonly value: Formula }
  /** Judged by the validator once the whole text is there. */
  | { readonly type: 'late' };

export type NumberRule =
  /** `spelled`: without point and exponent, as draft 4 wants it. */
  | { readonly keyword: 'integer'; readonly spelled: boolean }
  | {
      readonly keyword:
        | 'minimum'
        | 'maximum'
        | 'exclusiveMinimum'
        | 'exclusiveMaximum'
        | 'multipleOf';
      readonly limit: number;
    }
  | { readonly keyword: 'among'; readonly values: NumberValues };
