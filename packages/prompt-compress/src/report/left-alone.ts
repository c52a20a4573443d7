import type { ParsedSelection } from '../options/selection-options.js';
import { budgetOf } from '../select/required-tokens.js';

/**
 * Whether a prompt of `tokens` is left whole: all fit, all are window, or they are too few for a
 * draft to pay off.
 */
export function isLeftAlone(
  tokens: number,
  { keep, window }: Pick<ParsedSelection, 'keep' | 'window'>,
  minTokens: number,
): boolean {
  return tokens <= budgetOf(keep, tokens) || tokens <= window || tokens < minTokens;
}
