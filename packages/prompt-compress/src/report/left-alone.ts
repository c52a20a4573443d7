import type { ParsedSelection } from '../options/selection-options.js';
import { budgetOf } from '../select/required-tokens.js';

/** Whether nothing is to be dropped of a prompt of `tokens`: they all fit, are all window, or are too few for a draft to pay off. */
export function isLeftAlone(
  tokens: number,
  { keep, window }: Pick<ParsedSelection, 'keep' | 'window'>,
  minTokens: number,
): boolean {
  return tokens <= budgetOf(keep, tokens) || tokens <= window || tokens < minTokens;
}
