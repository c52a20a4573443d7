import type { Run } from '@pliant/core';
import type { Lookahead } from '../scoring/policy.js';
import { tokensWrittenAhead } from './written-ahead.js';

/** Longest look-ahead if the policy does not say. */
const defaultTokens = 16;

/** Longest look-ahead to write, in tokens. */
export function lookaheadTokens(
  { tokens }: Lookahead,
  { maxNewTokens }: Pick<Run, 'maxNewTokens'>,
): number {
  return tokens ?? Math.min(defaultTokens, maxNewTokens);
}

/**
 * Most tokens that will be read after the prompt: of a look-ahead already written, or still to
 * write.
 * @param name of the middleware, for the error
 * @throws StackError if another middleware was to write it and none does
 */
export function mostTokensAhead(name: string, lookahead: Lookahead | undefined, run: Run): number {
  if (!lookahead) return 0;
  const given = lookahead.written ? tokensWrittenAhead(name, run)?.length : undefined;
  if (given === undefined) return lookaheadTokens(lookahead, run);
  return Math.min(given, lookahead.tokens ?? given);
}
