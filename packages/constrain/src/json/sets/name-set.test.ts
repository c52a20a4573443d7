import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NameSet, NameSets } from './name-set.js';

const names = fc.array(fc.integer({ min: 0, max: 300 }).map(String), { maxLength: 80 });
const sorted = (set: NameSet | undefined) => [...(set ?? [])].sort();

describe('NameSet', () => {
  it('holds what a Set holds, and equal sets are one object', () => {
    const sets = new NameSets();
    fc.assert(
      fc.property(names, names, (a, b) => {
        const [one, other] = [new Set(a), new Set(b)];
        const [left, right] = [sets.of(a), sets.of(b)];
        expect(left?.size ?? 0).toBe(one.size);
        expect(sorted(left)).toEqual([...one].sort());
        expect(sets.union(left, right)).toBe(sets.of([...a, ...b]));
        expect(sets.difference(left, right)).toBe(sets.of(a.filter((name) => !other.has(name))));
        let rest = left;
        for (const name of b) {
          expect(rest?.has(name) ?? false).toBe(one.delete(name));
          rest = rest?.without(name);
          expect(rest).toBe(sets.of(one));
        }
      }),
    );
  });
});
