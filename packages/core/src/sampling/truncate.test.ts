import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Truncation } from '../contract/truncation.js';
import { Truncator } from './truncate.js';

const all: Truncation = { topK: 0, topP: 1, minP: 0 };

function kept(logits: number[], options: Partial<Truncation>, temperature = 1): number[] {
  const copy = Float32Array.from(logits);
  new Truncator(copy.length).apply(copy, Math.max(...copy), temperature, { ...all, ...options });
  return [...copy.keys()].filter((id) => copy[id] > Number.NEGATIVE_INFINITY);
}

/** The same by sorting: most probable first, equal ones by id. */
function keptBySorting(logits: number[], options: Partial<Truncation>, temperature: number) {
  const { topK, topP, minP } = { ...all, ...options };
  const values = Float32Array.from(logits);
  const max = Math.max(...values);
  let ids = [...values.keys()]
    .filter((id) => values[id] > Number.NEGATIVE_INFINITY)
    .sort((a, b) => values[b] - values[a] || a - b);
  if (topK > 0) ids = ids.slice(0, topK);
  const weight = (id: number) => Math.exp((values[id] - max) / temperature);
  const total = ids.reduce((sum, id) => sum + weight(id), 0);
  let mass = 0;
  if (topP < 1)
    ids = ids.filter((id) => {
      const stays = mass < topP * total;
      mass += weight(id);
      return stays;
    });
  return ids.filter((id) => weight(id) >= minP).sort((a, b) => a - b);
}

describe('truncation', () => {
  const logits = [0.4, 0.3, 0.15, 0.1, 0.05].map(Math.log);

  it('keeps the k most probable tokens, equal ones by lowest id', () => {
    expect(kept(logits, { topK: 2 })).toEqual([0, 1]);
    expect(kept([1, 2, 2, 2, 0], { topK: 2 })).toEqual([1, 2]);
    expect(kept(logits, { topK: 9 })).toEqual([0, 1, 2, 3, 4]);
  });

  it('keeps exactly k of a vocabulary of several thousand', () => {
    const many = Array.from({ length: 5000 }, (_, id) => Math.sin(id * 12.9898) * 10);
    for (const topK of [1, 5, 50, 78, 79, 80, 1000, 4999])
      expect(kept(many, { topK })).toEqual(keptBySorting(many, { topK }, 1));
    expect(kept(new Array<number>(5000).fill(1), { topK: 70 })).toHaveLength(70);
  });

  it('keeps the smallest set with the mass asked for', () => {
    expect(kept(logits, { topP: 0.39 })).toEqual([0]);
    expect(kept(logits, { topP: 0.41 })).toEqual([0, 1]);
    expect(kept(logits, { topP: 1e-9 })).toEqual([0]);
    expect(kept([0, 0, 0, 0], { topP: 0.5 })).toEqual([0, 1]);
  });

  it('keeps tokens with a share of the largest probability', () => {
    expect(kept(logits, { minP: 0.3 })).toEqual([0, 1, 2]);
    expect(kept(logits, { minP: 0.3 }, 2)).toEqual([0, 1, 2, 3, 4]);
  });

  it('applies top-p to what top-k left', () => {
    // 0.4 of the remaining 0.7 is 0.571.
    expect(kept(logits, { topK: 2, topP: 0.56 })).toEqual([0]);
    expect(kept(logits, { topK: 2, topP: 0.58 })).toEqual([0, 1]);
  });

  it('equals truncation by sorting', () => {
    const logit = fc.oneof(
      fc.integer({ min: -4, max: 4 }),
      fc.float({ noNaN: true, min: -60, max: 60 }).map((logit) => logit + 0),
      fc.constant(Number.NEGATIVE_INFINITY),
    );
    fc.assert(
      fc.property(
        fc.array(logit, { minLength: 1, maxLength: 60 }).filter((l) => Math.max(...l) > -61),
        fc.integer({ min: 0, max: 20 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.constantFrom(0.5, 1, 2),
        (values, topK, topP, minP, temperature) => {
          // Masses that fall on the threshold within rounding may go either way.
          const near = (a: number[], b: number[]) => Math.abs(a.length - b.length) <= 1;
          const a = kept(values, { topK, topP, minP }, temperature);
          const b = keptBySorting(values, { topK, topP, minP }, temperature);
          if (topP === 1) expect(a).toEqual(b);
          else expect(near(a, b), `${a} beside ${b}`).toBe(true);
          expect(kept(values, { topK }, temperature)).toEqual(
            keptBySorting(values, { topK }, temperature),
          );
        },
      ),
      { numRuns: 500, seed: 1 },
    );
  });
});
