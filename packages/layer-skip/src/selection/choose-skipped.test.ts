import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSkipped } from './choose-skipped.js';

const costs = [0, 3, 1, Number.POSITIVE_INFINITY, 1, 2];

describe('chooseSkipped', () => {
  it('takes the cheapest, of equal ones the lower, never layer 0, a protected one, or one of infinite cost', () => {
    expect(chooseSkipped(costs, [], { skip: 3 })).toEqual([2, 4, 5]);
    expect(chooseSkipped(costs, [2], { skip: 3 })).toEqual([4, 5, 1]);
    expect(chooseSkipped(costs, [], { skip: 9 })).toEqual([2, 4, 5, 1]);
    expect(chooseSkipped(costs, [], { skip: 0 })).toEqual([]);
  });

  it('takes those below the threshold, within the bounds', () => {
    const rule = { threshold: 2, atLeast: 0, atMost: 9 };
    expect(chooseSkipped(costs, [], rule)).toEqual([2, 4]);
    expect(chooseSkipped(costs, [], { ...rule, threshold: 2.5, atMost: 1 })).toEqual([2]);
    expect(chooseSkipped(costs, [], { ...rule, threshold: -1, atLeast: 3 })).toEqual([2, 4, 5]);
    expect(chooseSkipped(costs, [], { ...rule, threshold: -1 })).toEqual([]);
  });

  it('gives nested sets, each as large as asked for where there are as many', () => {
    const layers = fc.array(fc.double({ noNaN: true, min: -5, max: 5 }), { minLength: 2 });
    fc.assert(
      fc.property(layers, fc.nat(60), (own, skip) => {
        const fewer = chooseSkipped(own, [1], { skip });
        const more = chooseSkipped(own, [1], { skip: skip + 1 });
        expect(more.slice(0, fewer.length)).toEqual(fewer);
        expect(fewer.length).toBe(Math.min(skip, own.length - 2));
      }),
    );
  });
});
