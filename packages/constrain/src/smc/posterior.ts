import type { PosteriorText, SmcParticle } from './smc-result.js';

/** Particles by token sequence, the most probable first; those of probability 0 left out. */
export function byTokens(particles: readonly SmcParticle[]): PosteriorText[] {
  return merge(particles, ({ tokens }) => tokens.join());
}

/** Token sequences, the most probable first, by text. */
export function byText(sequences: readonly PosteriorText[]): PosteriorText[] {
  return merge(sequences, ({ text }) => text);
}

function merge(
  weighted: readonly PosteriorText[],
  keyOf: (one: PosteriorText) => string,
): PosteriorText[] {
  const merged = new Map<string, PosteriorText>();
  for (const one of weighted) {
    if (one.probability === 0) continue;
    const key = keyOf(one);
    const { text, tokens, probability } = merged.get(key) ?? { ...one, probability: 0 };
    merged.set(key, { text, tokens, probability: Math.min(1, probability + one.probability) });
  }
  return [...merged.values()].sort((a, b) => b.probability - a.probability);
}
