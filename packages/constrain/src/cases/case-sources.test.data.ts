import { z } from 'zod';
import * as zm from 'zod/mini';
import { z as z3 } from 'zod/v3';

/** The inputs of constrain-cases.jsonl (fixtures) that are source text, by id. */
export const sources: Readonly<Record<string, () => unknown>> = {
  '069-zod-top-level-regex': () =>
    z.object({
      a: z.string().check(z.regex(/^q[a-c]+$/)),
      b: z.string().regex(/z$/).startsWith('x'),
    }),
  '071-zod-nullish': () =>
    z.strictObject({ a: z.string().nullable(), b: z.string().nullish(), c: z.string().optional() }),
  '072-zod-recursive-union': () =>
    (() => {
      const S = z.object({ type: z.literal('seg'), id: z.string() });
      const A = z.object({
        type: z.literal('and'),
        get parts() {
          return z.array(U);
        },
      });
      const N = z.object({
        type: z.literal('not'),
        get part() {
          return U;
        },
      });
      const U = z.discriminatedUnion('type', [S, A, N]);
      return U;
    })(),
  '073-zod3-lazy-tree': () =>
    (() => {
      const T: z3.ZodType = z3.object({ name: z3.string(), kids: z3.lazy(() => z3.array(T)) });
      return T;
    })(),
  '074-zod-record-enum': () => z.record(z.enum(['k1', 'k2']), z.number()),
  '075-zod3-record-enum': () => z3.record(z3.enum(['k1', 'k2']), z3.number()),
  '076-zod-record-pattern': () => z.record(z.string().regex(/^[a-z]{2}$/), z.string()),
  '078-zod-bigint-default': () => z.object({ a: z.coerce.bigint().default(0n) }),
  '080-zod-default': () =>
    z.object({
      a: z.string(),
      b: z.number().default(3),
      c: z.array(z.string()).optional().default([]),
    }),
  '082-zod-to-json-schema-output': () =>
    z.toJSONSchema(
      z.object({
        id: z.uuid(),
        tags: z.array(z.enum(['a', 'b'])).max(2),
        when: z.iso.date().nullable(),
        u: z.url().optional(),
      }),
    ),
  '084-zod-transform': () =>
    z.object({
      n: z
        .string()
        .transform((s) => Number(s))
        .pipe(z.number().min(5)),
    }),
  '085-zod-intersection-meta': () =>
    z.intersection(
      z.object({ a: z.number() }).meta({ id: 'CaseA' }),
      z.object({ b: z.number() }).meta({ id: 'CaseB' }),
    ),
  '086-zod3-intersection-lazy': () =>
    z3.intersection(
      z3.lazy(() => z3.object({ a: z3.number() })),
      z3.object({ b: z3.number() }),
    ),
  '087-zod-mini': () =>
    zm.object({
      a: zm.string().check(zm.minLength(2), zm.maxLength(3)),
      b: zm.optional(zm.int()),
      c: zm.nullable(zm.enum(['x'])),
    }),
  'f01-zod-record-years': () => z.record(z.string().regex(/^20[0-9]{2}$/), z.number()),
  'f02-zod3-emoji-max': () => z3.object({ mood: z3.string().max(3) }),
  'f02-zod3-emoji-min': () => z3.object({ mood: z3.string().min(2) }),
  'f02-zod3-emoji-length': () => z3.string().length(4),
  'f03-zod-intersection-closed': () =>
    z.intersection(z.object({ a: z.number() }), z.object({ b: z.number() })),
  'f03-zod-and-closed': () => z.object({ name: z.string() }).and(z.object({ age: z.int().min(0) })),
  'f03-zod-intersection-three': () =>
    z.intersection(
      z.intersection(
        z.object({ a: z.number() }).meta({ id: 'PartOne' }),
        z.object({ b: z.number() }),
      ),
      z.object({ c: z.number().optional() }),
    ),
  'f03-zod-intersection-union': () =>
    z.intersection(
      z.object({ id: z.int() }),
      z.union([z.object({ x: z.string() }), z.object({ y: z.string() })]),
    ),
  'f03-zod-intersection-strict': () =>
    z.intersection(z.strictObject({ a: z.number() }), z.strictObject({ b: z.number() })),
  'f03-zod3-intersection-plain': () =>
    z3.intersection(z3.object({ a: z3.number() }), z3.object({ b: z3.number() })),
  'f04-zod-flag-i': () => z.object({ code: z.string().regex(/^item-[a-f]{2}$/i) }),
  'f04-zod-flag-s': () => z.string().regex(/^a.b$/s),
  'f04-zod-flag-m': () => z.string().regex(/^end$/m),
  'f04-zod-flag-u': () => z.string().regex(/^[😀-😎]{2}$/u),
  'f04-zod-flag-i-pipe': () =>
    z
      .string()
      .regex(/^(on|off)$/i)
      .toLowerCase()
      .pipe(z.enum(['on', 'off'])),
  'f04-zod-email-pattern': () => z.email({ pattern: /^[a-z]+@corp\.example$/ }),
  'f04-zod-email-lookahead': () => z.email({ pattern: /^(?!root)[a-z]+@corp\.example$/ }),
  'f05-standard-schema': () => ({
    kind: 'schema',
    type: 'object',
    entries: { a: { kind: 'schema', type: 'string' } },
    '~standard': { version: 1, vendor: 'other', validate: (value: unknown) => ({ value }) },
  }),
  'f05-standard-schema-array': () => ({
    kind: 'schema',
    type: 'array',
    item: { kind: 'schema', type: 'number' },
    '~standard': { version: 1, vendor: 'other', validate: (value: unknown) => ({ value }) },
  }),
  'f08-zod-async-check': () => z.object({ a: z.enum(['x', 'y']).refine(async (s) => s === 'x') }),
  'f08-zod-async-transform': () =>
    z.object({
      n: z
        .string()
        .transform(async (s) => Number(s))
        .pipe(z.number().min(5)),
    }),
  'f08-zod-promise': () => z.object({ a: z.promise(z.string()) }),
  'f08-zod-file': () => z.object({ a: z.file() }),
  'f09-minimum-nan': () => ({ type: 'number', minimum: NaN }),
  'f09-multiple-infinity': () => ({ type: 'number', multipleOf: Infinity }),
  'f09-const-nan': () => ({ properties: { a: { const: NaN } } }),
  'f09-enum-bigint': () => ({ enum: [1n] }),
  'f09-const-function': () => ({ const: () => 1 }),
  'f09-undefined-keyword': () => ({ type: 'string', minLength: undefined, pattern: undefined }),
  'f09-undefined-additional': () => ({
    type: 'object',
    properties: { a: { type: 'integer' } },
    additionalProperties: undefined,
    required: undefined,
  }),
  'f09-zod-max-infinity': () => z.number().max(Infinity),
  'f09-zod3-fresh-lazies': () =>
    (() => {
      const tree = (): z3.ZodType => z3.object({ kids: z3.array(z3.lazy(tree)) });
      return tree();
    })(),
};
