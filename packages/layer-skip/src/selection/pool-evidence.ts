import type { ForwardOutput } from '@pliant/core';
import type { PromptEvidence } from './selector.js';

/** What was known and what a prefill of `tokens` more gave, each token counting the same. */
export function poolEvidence(
  before: PromptEvidence | undefined,
  { hiddenMeans, blockInfluences }: ForwardOutput,
  tokens: number,
): PromptEvidence {
  const promptTokens = (before?.promptTokens ?? 0) + tokens;
  const share = tokens / promptTokens;
  const pool = (old: Float32Array | undefined, fresh: Float32Array) =>
    old ? fresh.map((value, i) => old[i] + share * (value - old[i])) : fresh;
  // Ratios are geometric means.
  const poolRatios = (old: Float32Array | undefined, fresh: Float32Array) =>
    old ? fresh.map((value, i) => old[i] * (value / old[i]) ** share) : fresh;
  const known = before?.blockInfluences;
  return {
    promptTokens,
    ...(hiddenMeans && { hiddenMeans: pool(before?.hiddenMeans, hiddenMeans) }),
    ...(blockInfluences && {
      blockInfluences: {
        influences: pool(known?.influences, blockInfluences.influences),
        normRatios: poolRatios(known?.normRatios, blockInfluences.normRatios),
      },
    }),
  };
}
