import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from './random.js';
import { drawSpeculatively } from './speculative-draw.js';
import { StepDistribution } from './step-distribution.js';

function load(probabilities: readonly number[], temperature = 1): StepDistribution {
  const distribution = new StepDistribution(probabilities.length);
  const logits = Float32Array.from(probabilities, (p) => Math.log(p) * temperature);
  distribution.load(logits, { temperature, topK: 0, topP: 1, minP: 0 });
  return distribution;
}

/** Pearson's statistic of counts against probabilities. */
function chiSquare(counts: readonly number[], probabilities: readonly number[]): number {
  const draws = counts.reduce((a, b) => a + b, 0);
  return counts.reduce(
    (sum, count, i) =>
      sum + (count - draws * probabilities[i]) ** 2 / (draws * probabilities[i] || 1e-9),
    0,
  );
}

const p = [0.4, 0.3, 0.15, 0.1, 0.05];
const q = [0.05, 0.3, 0.4, 0.05, 0.2];
/** 99.9 % of chi-square with 4 degrees of freedom. */
const critical = 18.47;

/** How often each token comes, and how often it is the draft's, in 20,000 draws. */
function draw(
  target: StepDistribution,
  draft: StepDistribution,
  choose: typeof drawSpeculatively,
): { counts: number[]; accepted: number } {
  const own = randomStream(1, 'draft');
  const random = randomStream(1, 'target');
  const counts = p.map(() => 0);
  let accepted = 0;
  for (let i = 0; i < 20_000; i++) {
    const token = draft.draw(own);
    const chosen = choose(target, { token, distribution: draft }, random);
    counts[chosen]++;
    if (chosen === token) accepted++;
  }
  return { counts, accepted: accepted / 20_000 };
}

describe('drawSpeculatively', () => {
  it.each([0.5, 1, 1.7])('draws from the target at temperature %f', (temperature) => {
    const { counts } = draw(load(p, temperature), load(q, temperature), drawSpeculatively);
    expect(chiSquare(counts, p)).toBeLessThan(critical);
  });

  it('accepts a draft with the probability that both distributions share', () => {
    const shared = p.reduce((sum, x, i) => sum + Math.min(x, q[i]), 0);
    const { accepted } = draw(load(p), load(q), drawSpeculatively);
    expect(Math.abs(accepted - shared)).toBeLessThan(0.012);
    expect(draw(load(p), load(p), drawSpeculatively).accepted).toBe(1);
  });

  it('is told from biased ways of accepting by the same test', () => {
    const redrawsFromTarget: typeof drawSpeculatively = (target, draft, random) => {
      const ratio =
        target.logProbability(draft.token) - draft.distribution.logProbability(draft.token);
      return Math.log(random()) < ratio ? draft.token : target.draw(random);
    };
    const acceptsMore: typeof drawSpeculatively = (target, draft, random) =>
      random() < 0.1 ? draft.token : drawSpeculatively(target, draft, random);
    for (const biased of [redrawsFromTarget, acceptsMore])
      expect(chiSquare(draw(load(p), load(q), biased).counts, p)).toBeGreaterThan(critical);
  });

  it('never gives a token outside of the target, whatever the draft', () => {
    const weights = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1 })), {
      minLength: 4,
      maxLength: 4,
    });
    fc.assert(
      fc.property(weights, weights, fc.integer(), (targetWeights, draftWeights, seed) => {
        const [target, draft] = [load(targetWeights), load(draftWeights)];
        const random = randomStream(seed, 'both');
        const token = draft.draw(random);
        fc.pre(token >= 0);
        const chosen = drawSpeculatively(target, { token, distribution: draft }, random);
        if (target.remainingTokens === 0) expect(chosen).toBe(-1);
        else expect(targetWeights[chosen]).toBeGreaterThan(0);
      }),
    );
  });
});
