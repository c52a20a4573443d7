import type { Run } from '@pliant/core';
import type { Lookahead } from '../scoring/policy.js';

/** Written ahead at most where nothing is said. */
const defaultTokens = 16;

/** Tokens that are written ahead at most. */
export function lookaheadTokens(
  { tokens }: Lookahead,
  { maxNewTokens }: Pick<Run, 'maxNewTokens'>,
): number {
  return tokens ?? Math.min(defaultTokens, maxNewTokens);
}
