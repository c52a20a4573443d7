import { describe, expect, it } from 'vitest';
import { divergence, referenceRow } from './divergence.js';

const ln = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log);

describe('divergence', () => {
  it('is KL(full || other) in nats', () => {
    // 0.5 ln(0.5 / 0.25) + 0.25 ln(0.25 / 0.25) + 0.25 ln(0.25 / 0.5)
    const { kl, sameTop } = divergence(referenceRow(ln(0.5, 0.25, 0.25)), ln(0.25, 0.25, 0.5));
    expect(kl).toBeCloseTo(0.25 * Math.LN2, 6);
    expect(sameTop).toBe(false);
  });

  it('is not symmetric', () => {
    const [p, q] = [ln(0.9, 0.1), ln(0.5, 0.5)];
    expect(divergence(referenceRow(p), q).kl).toBeCloseTo(0.368064, 6);
    expect(divergence(referenceRow(q), p).kl).toBeCloseTo(0.510826, 6);
  });

  it('is exactly 0 for the same logits, and the same up to rounding when they are shifted', () => {
    const logits = Float32Array.from({ length: 1000 }, (_, i) => 20 * Math.sin(i));
    const reference = referenceRow(logits);
    expect(divergence(reference, logits)).toEqual({ kl: 0, sameTop: true });
    expect(
      divergence(
        reference,
        logits.map((logit) => logit + 8),
      ).kl,
    ).toBeLessThan(1e-6);
  });

  it('takes the lowest id of equal logits as the top', () => {
    expect(referenceRow(Float32Array.of(0, 3, 3)).top).toBe(1);
  });
});
