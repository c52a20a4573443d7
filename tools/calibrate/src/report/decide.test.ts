import { normal } from '@pliant/shared/statistics';
import { describe, expect, it } from 'vitest';
import { decidedCounts, tunedCount } from '../calibrate.js';
import { decide, type ShuffleControl } from './decide.js';
import type { Evaluation } from './evaluate.js';
import { oracleGap } from './oracle.js';

const prompts = 60;
const families = Array.from({ length: prompts }, (_, i) => `${i % 6}`);

/**
 * Evaluations of the static set and the routers; `ridge` is the ridge router's KL relative to the
 * static one's.
 */
function evaluations(ridge: number): Evaluation[] {
  const draw = normal('decide');
  const fixed = Array.from({ length: prompts }, () => Math.exp(0.3 * draw()));
  const noise = Array.from({ length: prompts }, () => Math.exp(0.1 * draw()));
  const rows = (method: string, factor: number) =>
    decidedCounts.map((skip) => ({
      method,
      skip,
      effects: fixed.map((kl, i) => {
        const own = method === 'staticGreedy' ? kl : factor * kl * noise[i];
        return { kl: own, halves: [own, own] as const, agreement: 0.5 };
      }),
    }));
  return [
    ...rows('staticGreedy', 1),
    ...rows('ridgeRouter', ridge),
    ...rows('logisticRouter', 1.02),
    ...rows('setRouter', 1.02),
  ];
}

/** @param gain of the fit on features that are not exchanged */
const shuffles = (gain: number): ShuffleControl[] =>
  (['ridgeRouter', 'logisticRouter', 'setRouter'] as const).map((router) => ({
    router,
    skip: tunedCount,
    gain,
    exchanged: [-0.02, 0, 0.03],
  }));
const real = shuffles(0.1);

describe('decide', () => {
  it('ships a router that gains enough, with its evidence', () => {
    const { ships, comparisons } = decide(evaluations(0.85), families, evaluations(0.95), real);
    expect(ships).toBe('ridgeRouter');
    const [first] = comparisons;
    expect(first.gain.low).toBeGreaterThan(0);
    expect(first.pValue).toBeLessThan(0.01);
    expect(first.relativeGainUnseen).toBeGreaterThan(0);
  });

  it.each([
    ['gains too little', evaluations(0.97), evaluations(0.97)],
    ['loses', evaluations(1.1), evaluations(1.1)],
    ['loses on a family that it has not met', evaluations(0.85), evaluations(1.1)],
  ])('ships the static set where the router %s', (_, test, unseen) => {
    expect(decide(test, families, unseen, real).ships).toBe('staticGreedy');
  });

  it('ships the static set where fits on exchanged features gain as much', () => {
    const { ships } = decide(evaluations(0.85), families, evaluations(0.95), shuffles(0.03));
    expect(ships).toBe('staticGreedy');
  });

  it('does without an unseen family', () => {
    const { ships, comparisons } = decide(evaluations(0.85), families, [], real);
    expect(ships).toBe('ridgeRouter');
    expect(comparisons[0].relativeGainUnseen).toBeUndefined();
  });
});

describe('oracleGap', () => {
  it('sees a naive gain in noise that split halves do not have', () => {
    const draw = normal('oracle');
    const effects = Array.from({ length: 400 }, () =>
      Array.from({ length: 6 }, () => {
        const halves = [Math.exp(0.3 * draw()), Math.exp(0.3 * draw())] as const;
        return { kl: (halves[0] + halves[1]) / 2, halves, agreement: 0 };
      }),
    );
    const { naive, splitHalf } = oracleGap(effects);
    expect(naive).toBeGreaterThan(0.15);
    expect(Math.abs(splitHalf)).toBeLessThan(0.05);
  });
});
