/**
 * The parts that `promptCompress` chooses with, for measurements that rank a prompt's parts
 * otherwise and leave all else as it is. Not for applications: it changes without notice.
 */

export { type SelectionOptions, selectionShape } from './options/selection-options.js';
export type { Selection } from './select/choose-units.js';
export { keepTokens } from './select/keep-tokens.js';
export {
  type PlanOptions,
  planSelection,
  type Ranking,
  type SelectionPlan,
} from './select/plan-selection.js';
export { tokensOf } from './select/question.js';
export { bm25 } from './text/bm25.js';
export { tokenCharacters } from './tokens/characters.js';
export { textUnits } from './tokens/text-units.js';
export type { TokenRange } from './tokens/token-range.js';
