import { type ForwardOutput, poolEvidence } from '@pliant/core';
import type { PromptEvidence } from './selector.js';

/**
 * Pools what was known of a prompt with what reading `tokens` more gave. Each token has the same
 * weight.
 */
export function addEvidence(
  before: PromptEvidence | undefined,
  { hiddenMeans, blockInfluences }: ForwardOutput,
  tokens: number,
): PromptEvidence {
  const promptTokens = (before?.promptTokens ?? 0) + tokens;
  const next = { hiddenMeans, blockInfluences };
  return { promptTokens, ...poolEvidence(before ?? {}, next, tokens / promptTokens) };
}
