import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conjunctions } from './conjunctions.js';
import { atLeast } from './counted-atoms.js';
import { always, type Formula, Formulas, never } from './formula.js';

const formulas = new Formulas();
const atoms = [1, 2, 3, 4].map((left) => atLeast(formulas, left));

const formula = fc.letrec<{ formula: Formula; parts: Formula[] }>((tie) => ({
  parts: fc.array(tie('formula'), { maxLength: 3 }),
  formula: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.constantFrom(always, never, ...atoms),
    tie('parts').map((parts) => formulas.and(parts)),
    tie('parts').map((parts) => formulas.or(parts)),
    tie('parts').map((parts) => formulas.one(parts)),
    tie('formula').map((part) => formulas.not(part)),
  ),
})).formula;

function truthOf({ op, parts, atom }: Formula, truths: readonly boolean[]): boolean {
  const values = parts.map((part) => truthOf(part, truths));
  switch (op) {
    case 'always':
    case 'never':
      return op === 'always';
    case 'atom':
      return truths[(atom as { left: number }).left - 1];
    case 'and':
      return values.every(Boolean);
    case 'or':
      return values.some(Boolean);
    case 'not':
      return !values[0];
    case 'one':
      return values.filter(Boolean).length === 1;
  }
}

const truths = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 });
const assign = (of: Formula, values: readonly boolean[]) =>
  formulas.map(of, (atom) => (values[(atom as { left: number }).left - 1] ? always : never));

describe('Formulas', () => {
  it('keep the truth of what they simplify', () => {
    fc.assert(
      fc.property(fc.array(formula, { maxLength: 3 }), truths, (parts, values) => {
        const verdicts = parts.map((part) => truthOf(part, values));
        expect(truthOf(formulas.and(parts), values)).toBe(verdicts.every(Boolean));
        expect(truthOf(formulas.or(parts), values)).toBe(verdicts.some(Boolean));
        expect(truthOf(formulas.one(parts), values)).toBe(verdicts.filter(Boolean).length === 1);
        for (const [i, part] of parts.entries())
          expect(assign(part, values)).toBe(verdicts[i] ? always : never);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are one object where they say the same of the same atoms', () => {
    const [a, b, c] = atoms;
    expect(formulas.and([a, formulas.and([b, c])])).toBe(formulas.and([c, b, a, b, always]));
    expect(formulas.or([a, formulas.not(a)])).toBe(always);
    expect(formulas.and([a, formulas.not(a)])).toBe(never);
    expect(formulas.one([a, always, b])).toBe(formulas.and([formulas.not(a), formulas.not(b)]));
  });
});

describe('conjunctions', () => {
  it('leave out no way to satisfy a formula, and add none where there is no exactly one', () => {
    fc.assert(
      fc.property(formula, truths, (of, values) => {
        const isTold = conjunctions(of).some((literals) =>
          literals.every(({ formula: atom, positive }) => truthOf(atom, values) === positive),
        );
        if (truthOf(of, values)) expect(isTold).toBe(true);
        else if (isTold) expect(hasOne(of)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('promise too much rather than too little where there are too many', () => {
    const clauses = Array.from({ length: 30 }, (_, i) =>
      formulas.or([atLeast(formulas, 100 + 2 * i), atLeast(formulas, 101 + 2 * i)]),
    );
    const ways = conjunctions(formulas.and(clauses));
    expect(ways.length).toBeLessThanOrEqual(512);
    expect(ways.length).toBeGreaterThan(0);
  });
});

function hasOne({ op, parts }: Formula): boolean {
  return op === 'one' || parts.some(hasOne);
}
