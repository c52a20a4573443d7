/**
 * In place: positive logits of `tokens` are divided by `penalty`, negative ones multiplied (CTRL,
 * Keskar et al. 2019, section 4.1).
 */
export function penalise(logits: Float32Array, tokens: ReadonlySet<number>, penalty: number): void {
  for (const token of tokens)
    logits[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty;
}
