export { accepts, isViablePrefix } from './accepts.js';
export { awrs } from './awrs.js';
export { constrain } from './constrain.js';
export type { Constraint } from './constraint.js';
export {
  type PredicateOptions,
  type PredicateState,
  predicate,
  type TextPredicate,
} from './predicate.js';
export { UnsupportedPatternError } from './regex/unsupported-pattern-error.js';
export { regex } from './regex.js';
export { isInMask, tokenMask } from './token-mask.js';
export { type TokenTrie, tokenTrie } from './token-trie.js';
