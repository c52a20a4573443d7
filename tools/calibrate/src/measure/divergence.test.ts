import { describe, expect, it } from 'vitest';
import { divergence, referenceRow } from './divergence.js';

const logs = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log);

describe('divergence', () => {
  it('is sum p ln(p/q), in this direction', () => {
    const reference = referenceRow(logs(0.5, 0.25, 0.25));
    const { kl, sameTop } = divergence(reference, logs(0.25, 0.5, 0.25));
    expect(kl).toBeCloseTo(0.5 * Math.log(2) + 0.25 * Math.log(0.5), 6);
    expect(sameTop).toBe(false);
  });

  it('does not change with a constant added to the logits', () => {
    const reference = referenceRow(logs(0.7, 0.2, 0.1));
    const shifted = logs(0.6, 0.1, 0.3).map((logit) => logit + 50);
    const { kl } = divergence(reference, logs(0.6, 0.1, 0.3));
    expect(divergence(reference, shifted).kl).toBeCloseTo(kl, 4);
  });

  it('is 0 against itself', () => {
    const logits = Float32Array.from({ length: 1000 }, (_, id) => Math.sin(id) * 8);
    const { kl, sameTop } = divergence(referenceRow(logits), logits);
    expect(kl).toBeLessThan(1e-6);
    expect(sameTop).toBe(true);
  });
});
