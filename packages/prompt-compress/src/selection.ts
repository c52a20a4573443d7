/**
 * What `promptCompress` chooses with, for measurements that rank a prompt's parts otherwise and leave all else as it is. Not for applications: it changes
 * without notice.
 */
export { tokenCharacters } from './characters.js';
export { keepTokens } from './keep-tokens.js';
export {
  type PlanOptions,
  planSelection,
  type Ranking,
  type Selection,
  type SelectionPlan,
} from './plan-selection.js';
export { tokensOf } from './question.js';
export { type SelectionOptions, selectionShape } from './selection-options.js';
export { textUnits } from './text-units.js';
export type { TokenRange } from './token-range.js';
