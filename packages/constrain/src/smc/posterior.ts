import type { WeightedText } from './smc-result.js';

/** Particles by token sequence, the most probable first; those of probability 0 left out. */
export function byTokens<Value>(particles: readonly WeightedText<Value>[]): WeightedText<Value>[] {
  return merge(particles, ({ tokens }) => tokens.join());
}

/** Token sequences, the most probable first, by text. */
export function byText<Value>(sequences: readonly WeightedText<Value>[]): WeightedText<Value>[] {
  return merge(sequences, ({ text }) => text);
}

function merge<Value>(
  weighted: readonly WeightedText<Value>[],
  keyOf: (one: WeightedText<Value>) => string,
): WeightedText<Value>[] {
  const merged = new Map<string, WeightedText<Value>>();
  for (const one of weighted) {
    const { text, tokens, value, probability } = one;
    if (probability === 0) continue;
    const key = keyOf(one);
    const same = merged.get(key);
    merged.set(
      key,
      same
        ? { ...same, probability: Math.min(1, same.probability + probability) }
        : { text, tokens, ...(value !== undefined && { value }), probability },
    );
  }
  return [...merged.values()].sort((a, b) => b.probability - a.probability);
}
