import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import * as mini from 'zod/mini';
import { z as z3 } from 'zod/v3';
import { formatOf, hasFormat } from '../formats/format.js';
import { UnsupportedSchemaError } from '../schema/unsupported-schema-error.js';
import { compileValidator } from '../validate/validate.js';
import { type InferValue, toJsonSchema } from './zod-schema.js';

/** Whether schema and zod together take a value, and what zod makes of it. */
function judge(schema: unknown, value: unknown): unknown {
  const read = toJsonSchema(schema);
  const isValid = compileValidator(read.schema, {
    patternOf: (source) => {
      const pattern = new RegExp(source, 'u');
      return (text) => pattern.test(text);
    },
    formatOf: (name) => {
      const format = formatOf(name);
      return format && ((text) => hasFormat(format, text));
    },
  });
  if (!isValid(value)) return 'invalid';
  const parsed = read.parse!(value);
  if (parsed instanceof Promise) throw new Error('answers later');
  return parsed.success ? { value: parsed.data } : 'refined away';
}

enum Level {
  Low,
  High,
}

const cases: Record<string, [schemas: unknown[], right: unknown[], wrong: unknown[]]> = {
  object: [
    [
      z.object({ a: z.string(), b: z.number().optional() }),
      z3.object({ a: z3.string(), b: z3.number().optional() }),
    ],
    [{ a: 'x' }, { a: '', b: 1.5 }],
    [{}, { a: 1 }, { a: 'x', c: 1 }, [], null],
  ],
  'loose object': [
    [z.looseObject({ a: z.string() }), z3.object({ a: z3.string() }).passthrough()],
    [{ a: 'x', c: 1 }],
    [{ c: 1 }],
  ],
  catchall: [
    [
      z.object({ a: z.string() }).catchall(z.number()),
      z3.object({ a: z3.string() }).catchall(z3.number()),
    ],
    [{ a: 'x', c: 1 }],
    [{ a: 'x', c: 'y' }],
  ],
  intersection: [
    [
      z.object({ a: z.string() }).and(z.object({ b: z.number() })),
      z.intersection(
        z.union([z.object({ a: z.string() }), z.object({ c: z.string() })]),
        z.object({ b: z.number() }),
      ),
      z3.object({ a: z3.string() }).and(z3.object({ b: z3.number() })),
    ],
    [{ a: 'x', b: 1 }],
    [{ a: 'x' }, { b: 1 }],
  ],
  union: [
    [z.union([z.string(), z.number().int()]), z3.union([z3.string(), z3.number().int()])],
    ['x', 1],
    [1.5, null],
  ],
  'discriminated union': [
    [
      z.discriminatedUnion('t', [
        z.object({ t: z.literal('a') }),
        z.object({ t: z.literal('b'), n: z.number() }),
      ]),
      z3.discriminatedUnion('t', [
        z3.object({ t: z3.literal('a') }),
        z3.object({ t: z3.literal('b'), n: z3.number() }),
      ]),
    ],
    [{ t: 'a' }, { t: 'b', n: 1 }],
    [{ t: 'b' }, { t: 'c' }],
  ],
  enums: [
    [z.enum(['a', 'b']), z3.enum(['a', 'b']), z.literal(['a', 'b'])],
    ['a', 'b'],
    ['c', 0],
  ],
  'enums of TypeScript': [
    [z.enum(Level), z3.nativeEnum(Level)],
    [0, 1],
    ['Low', 2],
  ],
  numbers: [
    [z.number().min(1).lt(10).multipleOf(0.5), z3.number().min(1).lt(10).multipleOf(0.5)],
    [1, 9.5],
    [0.5, 10, 1.25, '1'],
  ],
  arrays: [
    [z.array(z.boolean()).min(1).max(2), z3.array(z3.boolean()).min(1).max(2)],
    [[true], [true, false]],
    [[], [1], [true, true, true]],
  ],
  tuples: [
    [
      z.tuple([z.string(), z.number()]).rest(z.null()),
      z3.tuple([z3.string(), z3.number()]).rest(z3.null()),
    ],
    [
      ['a', 1],
      ['a', 1, null],
    ],
    [['a'], ['a', 1, 1]],
  ],
  records: [
    [z.record(z.string().regex(/^a/), z.number()), z3.record(z3.string().regex(/^a/), z3.number())],
    [{}, { ab: 1 }],
    [{ b: 1 }, { a: 'x' }],
  ],
  'records of anything': [
    [z.record(z.enum(['a', 'b']), z.any()), z3.record(z3.enum(['a', 'b']), z3.any())],
    [{ a: 1, b: [] }],
    [{ c: 1 }],
  ],
  'nullable and null': [
    [z.string().nullable(), z3.string().nullable(), z.union([z.null(), z.string()])],
    [null, 'x'],
    [1],
  ],
  strings: [
    [
      z.string().min(2).startsWith('a.').includes('c').endsWith('z'),
      z3.string().min(2).startsWith('a.').includes('c').endsWith('z'),
    ],
    ['a.cz'],
    ['abcz', 'a.z', 'a.c'],
  ],
  email: [
    [z.email(), z.string().email(), z3.string().email()],
    ['a.b@c.de'],
    ['.a@b.cd', 'a..b@c.de', 'a@b', 'a.@b.cd'],
  ],
  'date-time': [
    [z.iso.datetime(), z3.string().datetime()],
    ['2020-01-01T00:00:00Z'],
    ['2020-01-01T00:00:00+01:00', '2020-13-01T00:00:00Z'],
  ],
  formats: [
    [z.object({ h: z.hostname(), d: z.iso.duration(), e: z.emoji(), u: z.url() })],
    [{ h: 'a.bc', d: 'P1D', e: '😀', u: 'https://a.bc' }],
    [
      { h: '-a', d: 'P1D', e: '😀', u: 'https://a.bc' },
      { h: 'a.bc', d: 'P', e: '😀', u: 'a:b' },
    ],
  ],
  addresses: [
    [
      z.object({ a: z.ipv6(), p: z.union([z.cidrv4(), z.cidrv6()]) }),
      z3.object({ a: z3.string().ip({ version: 'v6' }), p: z3.string().cidr() }),
    ],
    [
      { a: '::ffff:1.2.3.4', p: '::ffff:1.2.3.4/96' },
      { a: 'fe80::1', p: '10.0.0.0/8' },
    ],
    [
      { a: '1.2.3.4', p: '::/0' },
      { a: '::1', p: '::/129' },
      { a: '::1', p: '10.0.0.0/33' },
      { a: '::1', p: '::/08' },
    ],
  ],
  'other strings of zod 3': [
    [
      z3.object({
        ip: z3.string().ip({ version: 'v4' }),
        uuid: z3.string().uuid(),
        date: z3.string().date(),
        local: z3.string().datetime({ local: true }),
      }),
    ],
    [
      {
        ip: '1.2.3.4',
        uuid: '98d80576-482e-427f-8434-7f86890ab222',
        date: '2020-02-29',
        local: '2020-01-01T00:00:00',
      },
    ],
    [{ ip: '::1', uuid: 'x', date: '2020-02-29', local: '' }],
  ],
};

describe('toJsonSchema', () => {
  it.each(Object.entries(cases))('agrees with zod on %s', (_, [schemas, right, wrong]) => {
    for (const schema of schemas) {
      for (const value of right)
        expect(judge(schema, value), JSON.stringify(value)).toEqual({ value });
      for (const value of wrong)
        expect(judge(schema, value), JSON.stringify(value)).toBe('invalid');
    }
  });

  it('takes what a schema reads, and gives what it makes of it', () => {
    for (const schema of [
      z.object({ n: z.string().transform(Number), d: z.number().default(3) }),
      z3.object({ n: z3.string().transform(Number), d: z3.number().default(3) }),
    ]) {
      expect(judge(schema, { n: '12' })).toEqual({ value: { n: 12, d: 3 } });
      expect(judge(schema, { n: 12 })).toBe('invalid');
    }
  });

  it('asks for the members that zod misses', () => {
    expect(judge(z.record(z.enum(['a', 'b']), z.any()), { a: 1 })).toEqual({
      value: { a: 1, b: undefined },
    });
    expect(judge(z.record(z.enum(['a', 'b']), z.string()), { a: '' })).toBe('invalid');
    expect(judge(z.object({ a: z.any() }), {})).toBe('invalid');
  });

  it('leaves refinements to zod', () => {
    for (const schema of [
      z.number().refine((n) => n % 2 === 1),
      z3.number().refine((n) => n % 2 === 1),
      mini.number().check(mini.refine((n) => n % 2 === 1)),
    ]) {
      expect(judge(schema, 2)).toBe('refined away');
      expect(judge(schema, 3)).toEqual({ value: 3 });
    }
  });

  it('follows schemas that refer to themselves', () => {
    const Tree = z.object({
      get children() {
        return z.array(Tree);
      },
    });
    interface Node {
      children: Node[];
    }
    const Tree3: z3.ZodType<Node> = z3.lazy(() => z3.object({ children: z3.array(Tree3) }));
    for (const schema of [Tree, Tree3]) {
      const value = { children: [{ children: [] }, { children: [{ children: [] }] }] };
      expect(judge(schema, value)).toEqual({ value });
      expect(judge(schema, { children: [{}] })).toBe('invalid');
    }
  });

  it('refuses what JSON has not', () => {
    for (const schema of [
      z.date(),
      z.object({ a: z.bigint() }),
      z.map(z.string(), z.string()),
      z3.date(),
      z3.object({ a: z3.array(z3.bigint()) }),
      z3.literal(1n),
    ])
      expect(() => toJsonSchema(schema)).toThrow(UnsupportedSchemaError);
    expect(() => toJsonSchema(z3.object({ 'a/b': z3.array(z3.date()) }))).toThrow(
      /'\/properties\/a~1b\/items': ZodDate/,
    );
  });

  it('leaves a JSON Schema alone', () => {
    const schema = { type: 'string' };
    expect(toJsonSchema(schema)).toEqual({ schema, parse: undefined });
    expect(toJsonSchema(true)).toEqual({ schema: true, parse: undefined });
  });

  it('types the value by the schema', () => {
    const four = z.object({ a: z.string().transform(Number) });
    const three = z3.object({ a: z3.string().optional() });
    expectTypeOf<InferValue<typeof four>>().toEqualTypeOf<{ a: number }>();
    expectTypeOf<InferValue<typeof three>>().toEqualTypeOf<{ a?: string | undefined }>();
    expectTypeOf<InferValue<{ type: 'string' }>>().toEqualTypeOf<unknown>();
    const written = z.toJSONSchema(four, { io: 'input' });
    expectTypeOf<InferValue<typeof written>>().toEqualTypeOf<unknown>();
  });
});
