import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { z as z3 } from 'zod/v3';
import { jsonSchema } from '../../constraints/json-schema.js';
import type { AsyncConstraint } from '../../contract/constraint.js';

/** What zod 3 and zod 4 share, untyped. */
// biome-ignore lint/suspicious/noExplicitAny: two libraries at once
type Zod = any;
type Make = (zod: Zod) => Zod;
/** A zod type with values that it mostly takes. */
interface Sample {
  readonly make: Make;
  readonly values: fc.Arbitrary<unknown>;
  /**
   * Holds objects that zod takes by the first alternative alone, of which it then keeps the
   * members.
   */
  readonly hasUnion: boolean;
}

const texts = fc.array(fc.constantFrom('a', 'b', 'B', 'é', '😀', '\n', 'ß', 'K', '"'), {
  maxLength: 4,
});
const patterns = [/^[a-z]+$/i, /^.$/s, /^b/m, /é/, /^[😀-😎a]{1,2}$/u, /^(?!a)/, /ß/i, /k/iu];
const stringChecks: fc.Arbitrary<(string: Zod) => Zod> = fc.oneof(
  fc.nat(3).map((n) => (s: Zod) => s.min(n)),
  fc.nat(3).map((n) => (s: Zod) => s.max(n + 1)),
  fc.nat(3).map((n) => (s: Zod) => s.length(n)),
  fc.constantFrom(...patterns).map((pattern) => (s: Zod) => s.regex(pattern)),
  fc.constantFrom('a', '😀').map((text) => (s: Zod) => s.startsWith(text)),
  fc.constantFrom('b', '😀').map((text) => (s: Zod) => s.includes(text)),
);

const strings = fc.array(stringChecks, { maxLength: 2 }).map(
  (checks): Sample => ({
    make: (zod) => checks.reduce((string, check) => check(string), zod.string()),
    values: texts.map((parts) => parts.join('')),
    hasUnion: false,
  }),
);
const numbers = fc
  .tuple(fc.integer({ min: -1, max: 2 }), fc.integer({ min: 2, max: 4 }), fc.boolean())
  .map(
    ([least, most, isWhole]): Sample => ({
      make: (zod) => {
        const number = zod.number().min(least).lt(most);
        return isWhole ? number.int() : number.multipleOf(0.5);
      },
      values: fc.constantFrom(-1, 0, 0.5, 1, 1.25, 2, 3),
      hasUnion: false,
    }),
  );
const others = fc.constantFrom<Sample>(
  { make: (zod) => zod.boolean(), values: fc.boolean(), hasUnion: false },
  { make: (zod) => zod.any(), values: fc.constantFrom(1, { a: 1 }, ['a']), hasUnion: false },
  { make: (zod) => zod.enum(['a', 'b']), values: fc.constantFrom('a', 'b', 'c'), hasUnion: false },
  { make: (zod) => zod.literal('😀'), values: fc.constant('😀'), hasUnion: false },
);
const scalars = fc.oneof(strings, numbers, others);

const names = ['a', 'b', 'c'] as const;
const objects = (below: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> =>
  fc
    .record({
      members: fc.dictionary(fc.constantFrom(...names), fc.tuple(below, fc.boolean())),
      rest: fc.constantFrom('strip', 'strip', 'strict', 'passthrough', 'catchall'),
      other: scalars,
    })
    .map(({ members, rest, other }) => {
      const own = Object.entries(members);
      return {
        make: (zod: Zod) => {
          const shape = own.map(([name, [{ make }, isOptional]]) => {
            const schema = make(zod);
            return [name, isOptional ? schema.optional() : schema];
          });
          const object = zod.object(Object.fromEntries(shape));
          return rest === 'catchall' ? object.catchall(other.make(zod)) : object[rest]();
        },
        values: fc
          .tuple(
            fc.record(
              Object.fromEntries([
                ...own.map(([name, [{ values }]]) => [name, values]),
                ...(rest === 'catchall' ? [['z', other.values]] : []),
              ]) as Record<string, fc.Arbitrary<unknown>>,
              { requiredKeys: own.flatMap(([name, [, isOptional]]) => (isOptional ? [] : [name])) },
            ),
            fc.nat(4),
          )
          .map(([value, dice]) => (dice === 0 ? { ...value, d: 1 } : value)),
        hasUnion: own.some(([, [{ hasUnion }]]) => hasUnion),
      };
    });
const records = (below: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> =>
  fc
    .tuple(
      below,
      fc.constantFrom<Make>(
        (zod) => zod.string(),
        (zod) => zod.string().regex(/^[ab]/),
        (zod) => zod.string().max(1),
        (zod) => zod.enum(['a', 'b']),
      ),
    )
    .map(([{ make, values, hasUnion }, key]) => ({
      make: (zod: Zod) => zod.record(key(zod), make(zod)),
      values: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'ab'), values),
      hasUnion,
    }));
const pairs = (below: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> =>
  fc.tuple(below, below, fc.boolean()).map(([left, right, isLazy]) => ({
    make: (zod: Zod) => {
      const first = left.make(zod);
      return zod.intersection(isLazy ? zod.lazy(() => first) : first, right.make(zod));
    },
    values: fc.tuple(left.values, right.values).map(([a, b]) => merged(a, b)),
    hasUnion: left.hasUnion || right.hasUnion,
  }));
const unions = (below: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> =>
  fc.tuple(below, below).map(([one, other]) => ({
    make: (zod: Zod) => zod.union([one.make(zod), other.make(zod)]),
    values: fc.oneof(one.values, other.values),
    hasUnion: true,
  }));
const lists = (below: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> =>
  fc.tuple(below, fc.boolean()).map(([{ make, values, hasUnion }, isTuple]) => ({
    make: (zod: Zod) =>
      isTuple ? zod.tuple([make(zod)]).rest(zod.string()) : zod.array(make(zod)).min(1).max(2),
    values: fc.array(values, { maxLength: 3 }),
    hasUnion,
  }));

function samples(depth: number): fc.Arbitrary<Sample> {
  if (depth === 0) return scalars;
  const below = samples(depth - 1);
  const held = fc.oneof(objects(below), records(below), objects(below));
  return fc.oneof(
    { arbitrary: objects(below), weight: 2 },
    { arbitrary: pairs(fc.oneof(held, unions(held), pairs(held))), weight: 4 },
    records(below),
    unions(below),
    lists(below),
    scalars,
  );
}

function merged(a: unknown, b: unknown): unknown {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) || Array.isArray(b)) return b;
  const both = { ...(a as object) } as Record<string, unknown>;
  for (const [name, value] of Object.entries(b as object))
    both[name] = name in both ? merged(both[name], value) : value;
  return both;
}

/**
 * What zod says of a value: `'stripped'` where it takes it and drops members; undefined where it
 * throws.
 */
function verdict(schema: Zod, value: unknown): 'taken' | 'refused' | 'stripped' | undefined {
  try {
    const result = schema.safeParse(value);
    if (!result.success) return 'refused';
    return count(result.data) === count(value) ? 'taken' : 'stripped';
  } catch {
    // Parts that make different values of one.
    return undefined;
  }
}

function count(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, member) => sum + count(member), 1);
}

/** Byte by byte, and as a whole. */
function accepted(constraint: AsyncConstraint<unknown, unknown>, text: string): boolean {
  let state: unknown = constraint.start();
  for (const byte of new TextEncoder().encode(text)) {
    state = state && constraint.advance(state, Uint8Array.of(byte));
    if (state === undefined) return false;
  }
  return state !== undefined && constraint.canEnd(state) === true;
}

describe('jsonSchema of random zod types', () => {
  it.each([
    ['zod 4', z, 41],
    ['zod 3', z3, 31],
  ])('agrees with %s', (_, zod, seed) => {
    const seen = { taken: 0, refused: 0, stripped: 0 };
    const property = fc.property(
      samples(2).chain((sample) =>
        fc.tuple(fc.constant(sample), fc.array(sample.values, { minLength: 8, maxLength: 8 })),
      ),
      ([{ make, hasUnion }, values]) => {
        const schema = make(zod);
        const constraint = jsonSchema(schema, { whitespace: 'none' }) as AsyncConstraint<
          unknown,
          unknown
        >;
        for (const value of values) {
          const text = JSON.stringify(value);
          const expected = verdict(schema, JSON.parse(text));
          if (!expected) continue;
          seen[expected]++;
          if (expected === 'stripped' && hasUnion) continue;
          expect(accepted(constraint, text), text).toBe(expected === 'taken');
        }
      },
    );
    fc.assert(property, { numRuns: 250, seed });
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(200);
    expect(seen.stripped).toBeGreaterThan(2);
  });
});
