import { budgetOf } from './required-tokens.js';
import type { ParsedSelection } from './selection-options.js';

/** Whether nothing is to be dropped of a prompt of `tokens`: they all fit, are all window, or are too few for a draft to pay off. */
export function isLeftAlone(
  tokens: number,
  { keep, window }: Pick<ParsedSelection, 'keep' | 'window'>,
  minTokens: number,
): boolean {
  return tokens <= budgetOf(keep, tokens) || tokens <= window || tokens < minTokens;
}
