import type { JsonSchemaOptions } from '../constraints/json-schema.js';

/** Inputs made to cost time or memory; in some of them `n` sets the size. */
export interface HostileCase {
  readonly id: string;
  readonly kind: 'json-schema' | 'regex' | 'gbnf' | 'choice';
  readonly why: string;
  /** Of a growing case. */
  readonly sizes?: readonly number[];
  readonly make: (n: number) => unknown;
  readonly options?: JsonSchemaOptions;
  /** `'either'`: a typed error when the constraint is made, or right. */
  readonly expect: 'compile' | 'refuse' | 'either';
  readonly error?: string;
  /** Nothing satisfies the input, which is noticed at the start. */
  readonly empty?: boolean;
  /** An error that is right as well while a text is read. */
  readonly mayThrow?: string;
  readonly tests: readonly { readonly text: (n: number) => string; readonly valid: boolean }[];
}

const rep = <T>(n: number, f: (i: number) => T) => Array.from({ length: n }, (_, i) => f(i));
const obj = (n: number, f: (i: number) => [string, unknown]) => Object.fromEntries(rep(n, f));
const chain = (n: number, last: unknown) => ({
  $ref: '#/$defs/d0',
  $defs: obj(n, (i) => [`d${i}`, i === n - 1 ? last : { $ref: `#/$defs/d${i + 1}` }]),
});
const nest = (n: number) =>
  rep(n, (i) => i).reduce<object>(
    (s) => ({ type: 'object', properties: { a: s }, required: ['a'] }),
    { type: 'string' },
  );
const nestText = (n: number) => `${'{"a":'.repeat(n)}""${'}'.repeat(n)}`;
const members = (n: number) => `{${rep(n, (i) => `"k${i}":${i}`).join(',')}}`;

export const hostileCases: readonly HostileCase[] = [
  {
    id: 'schema-1mb-props-ordered',
    kind: 'json-schema',
    why: '20,000 properties in fixed order',
    make: () => ({
      type: 'object',
      properties: obj(20000, (i) => [`property_number_${i}`, { type: 'string' }]),
      additionalProperties: false,
    }),
    options: { propertyOrder: 'schema', whitespace: 'none' },
    expect: 'compile',
    tests: [
      { text: () => '{}', valid: true },
      { text: () => '{"property_number_3":"b","property_number_19999":"a"}', valid: true },
      { text: () => '{"property_number_19999":"a","property_number_3":"b"}', valid: false },
    ],
  },
  {
    id: 'schema-50k-required',
    kind: 'json-schema',
    why: '5,000 required members',
    make: () => ({
      type: 'object',
      properties: obj(5000, (i) => [`p${i}`, { type: 'integer' }]),
      required: rep(5000, (i) => `p${i}`),
      additionalProperties: false,
    }),
    expect: 'compile',
    tests: [
      { text: () => `{${rep(5000, (i) => `"p${i}":${i}`).join(',')}}`, valid: true },
      { text: () => '{}', valid: false },
      { text: () => '{"p1":1}', valid: false },
    ],
  },
  {
    id: 'enum-50k-strings',
    kind: 'json-schema',
    why: 'an enum of 50,000 strings',
    make: () => ({ enum: rep(50000, (i) => `value-${(i * 7919) % 1000003}`) }),
    expect: 'compile',
    tests: [
      { text: () => '"value-0"', valid: true },
      { text: () => '"value-7919"', valid: true },
      { text: () => '"value-1"', valid: false },
    ],
  },
  {
    id: 'const-anyof-5000',
    kind: 'json-schema',
    why: 'anyOf of 5,000 constants',
    make: () => ({ anyOf: rep(5000, (i) => ({ const: `v${i}` })) }),
    expect: 'compile',
    tests: [
      { text: () => '"v17"', valid: true },
      { text: () => '"v5000"', valid: false },
    ],
  },
  {
    id: 'oneof-600-objects',
    kind: 'json-schema',
    why: 'oneOf of 600 closed objects',
    make: () => ({
      oneOf: rep(600, (i) => ({
        type: 'object',
        properties: { t: { const: `t${i}` }, [`f${i}`]: { type: 'integer' } },
        required: ['t', `f${i}`],
        additionalProperties: false,
      })),
    }),
    expect: 'compile',
    tests: [
      { text: () => '{"t":"t599","f599":1}', valid: true },
      { text: () => '{"f3":1,"t":"t3"}', valid: true },
      { text: () => '{"t":"t599","f598":1}', valid: false },
    ],
  },
  {
    id: 'anyof-600-objects-open',
    kind: 'json-schema',
    why: 'anyOf of 600 open objects',
    make: () => ({
      anyOf: rep(600, (i) => ({
        type: 'object',
        properties: { t: { const: `t${i}` }, v: { type: 'integer', minimum: i } },
        required: ['t', 'v'],
      })),
    }),
    expect: 'compile',
    tests: [
      { text: () => '{"t":"t5","v":5}', valid: true },
      { text: () => '{"v":700,"t":"t599"}', valid: true },
      { text: () => '{"t":"t599","v":1}', valid: false },
      { text: () => '{"v":1,"t":"t5"}', valid: false },
    ],
  },
  {
    id: 'oneof-1000-overlap',
    kind: 'json-schema',
    why: 'oneOf of 1,000 overlapping ranges',
    make: () => ({ oneOf: rep(1000, (i) => ({ type: 'integer', minimum: i, maximum: i + 1 })) }),
    expect: 'compile',
    tests: [
      { text: () => '0', valid: true },
      { text: () => '1000', valid: true },
      { text: () => '5', valid: false },
    ],
  },
  {
    id: 'allof-20-anyof-pairs',
    kind: 'json-schema',
    why: '20 choices in allOf, a million combinations',
    make: () => ({
      allOf: rep(20, (i) => ({ anyOf: [{ required: [`a${i}`] }, { required: [`b${i}`] }] })),
      type: 'object',
    }),
    expect: 'compile',
    tests: [
      { text: () => `{${rep(20, (i) => `"${i % 2 ? 'a' : 'b'}${i}":1`).join(',')}}`, valid: true },
      { text: () => '{}', valid: false },
      { text: () => `{${rep(19, (i) => `"a${i}":1`).join(',')}}`, valid: false },
    ],
  },
  {
    id: 'nested-oneof-20',
    kind: 'json-schema',
    why: 'oneOf nested 20 deep',
    make: () =>
      (() => {
        let s: object = { type: 'integer' };
        for (let i = 0; i < 20; i++) s = { oneOf: [s, { type: 'string', const: `s${i}` }] };
        return s;
      })(),
    expect: 'compile',
    tests: [
      { text: () => '1', valid: true },
      { text: () => '"s3"', valid: true },
      { text: () => '"s20"', valid: false },
    ],
  },
  {
    id: 'doubling-refs-30',
    kind: 'json-schema',
    why: 'allOf that doubles at each of 30 references: refuse in time, or be exact',
    make: () =>
      (() => {
        const d: Record<string, unknown> = {};
        for (let i = 0; i < 30; i++)
          d[`d${i}`] = { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] };
        d.d30 = { type: 'string' };
        return { $ref: '#/$defs/d0', $defs: d };
      })(),
    expect: 'either',
    tests: [
      { text: () => '"a"', valid: true },
      { text: () => '1', valid: false },
    ],
  },
  {
    id: 'doubling-anyof-30',
    kind: 'json-schema',
    why: 'anyOf that doubles at each of 30 references',
    make: () =>
      (() => {
        const d: Record<string, unknown> = {};
        for (let i = 0; i < 30; i++)
          d[`d${i}`] = {
            anyOf: [
              { $ref: `#/$defs/d${i + 1}` },
              { type: 'array', items: { $ref: `#/$defs/d${i + 1}` } },
            ],
          };
        d.d30 = { type: 'string' };
        return { $ref: '#/$defs/d0', $defs: d };
      })(),
    expect: 'compile',
    tests: [
      { text: () => '"a"', valid: true },
      { text: () => '[["a"]]', valid: true },
      { text: () => '[[["x"],"a"]]', valid: true },
      { text: () => '1', valid: false },
      { text: () => '[1]', valid: false },
    ],
  },
  {
    id: 'ref-chain-600',
    kind: 'json-schema',
    why: 'a chain of 600 references: refuse, or be exact',
    make: () => chain(600, { type: 'string' }),
    expect: 'either',
    tests: [
      { text: () => '"a"', valid: true },
      { text: () => '1', valid: false },
    ],
  },
  {
    id: 'allof-self',
    kind: 'json-schema',
    why: 'allOf that contains itself',
    make: () => ({ allOf: [{ $ref: '#' }] }),
    expect: 'refuse',
    error: 'SchemaError',
    tests: [],
  },
  {
    id: 'not-self',
    kind: 'json-schema',
    why: 'not that contains itself',
    make: () => ({ not: { $ref: '#' } }),
    expect: 'refuse',
    error: 'SchemaError',
    tests: [],
  },
  {
    id: 'if-self',
    kind: 'json-schema',
    why: 'if that contains itself',
    // biome-ignore lint/suspicious/noThenProperty: a keyword
    make: () => ({ if: { $ref: '#' }, then: {} }),
    expect: 'refuse',
    error: 'SchemaError',
    tests: [],
  },
  {
    id: 'dependent-self',
    kind: 'json-schema',
    why: 'dependentSchemas that contains itself',
    make: () => ({ dependentSchemas: { a: { $ref: '#' } } }),
    expect: 'refuse',
    error: 'SchemaError',
    tests: [],
  },
  {
    id: 'd7-ref-sibling-circle',
    kind: 'json-schema',
    why: 'draft 7: a circle through a keyword beside $ref',
    make: () => ({
      $schema: 'http://json-schema.org/draft-07/schema#',
      $ref: '#/definitions/a',
      allOf: [{ $ref: '#' }],
      definitions: { a: {} },
    }),
    expect: 'refuse',
    error: 'SchemaError',
    tests: [],
  },
  {
    id: 'infinite-items',
    kind: 'json-schema',
    why: 'an array that needs an array of its own kind: no finite value',
    make: () => ({ type: 'array', items: { $ref: '#' }, minItems: 1 }),
    expect: 'compile',
    empty: true,
    tests: [
      { text: () => '[]', valid: false },
      { text: () => '[[[]]]', valid: false },
    ],
  },
  {
    id: 'minlength-1e9',
    kind: 'json-schema',
    why: 'minLength 1e9',
    make: () => ({ type: 'string', minLength: 1e9 }),
    expect: 'compile',
    tests: [{ text: () => '"a"', valid: false }],
  },
  {
    id: 'minitems-1e9',
    kind: 'json-schema',
    why: 'minItems 1e9',
    make: () => ({ type: 'array', minItems: 1e9 }),
    expect: 'compile',
    tests: [
      { text: () => '[]', valid: false },
      { text: () => '[1]', valid: false },
    ],
  },
  {
    id: 'maxitems-1e9',
    kind: 'json-schema',
    why: 'maxItems 1e9 of strings up to 1e9 long',
    make: () => ({ type: 'array', maxItems: 1e9, items: { type: 'string', maxLength: 1e9 } }),
    expect: 'compile',
    tests: [
      { text: () => '["a"]', valid: true },
      { text: () => '[1]', valid: false },
    ],
  },
  {
    id: 'minprops-1e9',
    kind: 'json-schema',
    why: 'minProperties 1e9',
    make: () => ({ type: 'object', minProperties: 1e9 }),
    expect: 'compile',
    tests: [{ text: () => '{}', valid: false }],
  },
  {
    id: 'maxcontains-1e9',
    kind: 'json-schema',
    why: 'minContains 1e9',
    make: () => ({ type: 'array', contains: { type: 'string' }, minContains: 1e9 }),
    expect: 'compile',
    tests: [{ text: () => '["a"]', valid: false }],
  },
  {
    id: 'pattern-1e9',
    kind: 'json-schema',
    why: 'a pattern with a count of 1e9',
    make: () => ({ type: 'string', pattern: '^a{1000000000}$' }),
    expect: 'refuse',
    error: 'UnsupportedSchemaError',
    tests: [],
  },
  {
    id: 'pattern-nested-counts',
    kind: 'json-schema',
    why: 'a pattern with nested counts, a million steps in all',
    make: () => ({ type: 'string', pattern: '^(([a-z]{1,100}){1,100}){1,100}$' }),
    expect: 'refuse',
    error: 'UnsupportedSchemaError',
    tests: [],
  },
  {
    id: 'pattern-1e9-of-empty',
    kind: 'json-schema',
    why: 'a billion repetitions of nothing: refuse, or be exact',
    make: () => ({ pattern: '^(){1000000000}$' }),
    expect: 'either',
    tests: [
      { text: () => '""', valid: true },
      { text: () => '"a"', valid: false },
    ],
  },
  {
    id: 'pattern-star-star',
    kind: 'json-schema',
    why: 'nested stars: no backtracking',
    make: () => ({ type: 'string', pattern: '^(a*)*b$' }),
    expect: 'compile',
    tests: [
      { text: () => `"${'a'.repeat(50000)}b"`, valid: true },
      { text: () => `"${'a'.repeat(50000)}"`, valid: false },
    ],
  },
  {
    id: 'pattern-alt-star',
    kind: 'json-schema',
    why: 'a star over two equal alternatives: no backtracking',
    make: () => ({ type: 'string', pattern: '^(a|a)*b$' }),
    expect: 'compile',
    tests: [
      { text: () => `"${'a'.repeat(50000)}b"`, valid: true },
      { text: () => `"${'a'.repeat(50000)}c"`, valid: false },
    ],
  },
  {
    id: 'pattern-exponential-dfa',
    kind: 'json-schema',
    why: 'a pattern whose full automaton has 2^26 states',
    make: () => ({ type: 'string', pattern: '[ab]*a[ab]{25}c' }),
    expect: 'compile',
    tests: [{ text: () => `"${'ab'.repeat(3000)}a${'b'.repeat(25)}c"`, valid: true }],
  },
  {
    id: 'patterns-15-at-once',
    kind: 'json-schema',
    why: '15 patterns on one string',
    make: () => ({
      type: 'string',
      allOf: rep(15, (i) => ({
        pattern: `${String.fromCharCode(97 + i)}.{3}${String.fromCharCode(98 + i)}`,
      })),
    }),
    expect: 'compile',
    tests: [
      {
        text: () => '"axyzbbxyzccxyzddxyzeexyzffxyzggxyzhhxyziixyzjjxyzkkxyzllxyzmmxyznnxyzooxyzp"',
        valid: true,
      },
      { text: () => '"a"', valid: false },
    ],
  },
  {
    id: 'pattern-properties-50',
    kind: 'json-schema',
    why: '50 patternProperties in a closed object',
    make: () => ({
      type: 'object',
      patternProperties: obj(50, (i) => [
        `${String.fromCharCode(97 + (i % 26))}${i}`,
        { type: 'integer', minimum: i },
      ]),
      additionalProperties: false,
    }),
    expect: 'compile',
    tests: [
      { text: () => '{"xa0b":5}', valid: true },
      { text: () => '{"a0b1":3}', valid: true },
      { text: () => '{"q":1}', valid: false },
      { text: () => '{"a0b1":0}', valid: false },
    ],
  },
  {
    id: 'nested-schema-290',
    kind: 'json-schema',
    why: 'a schema 290 levels deep: refuse, or be exact',
    make: () => nest(140),
    expect: 'either',
    tests: [{ text: () => '{}', valid: false }],
  },
  {
    id: 'nested-schema-400',
    kind: 'json-schema',
    why: 'a schema 800 levels deep: refuse',
    make: () => nest(400),
    expect: 'refuse',
    error: 'SchemaError',
    tests: [],
  },
  {
    id: 'nested-schema-60',
    kind: 'json-schema',
    why: 'a value 60 levels deep',
    make: () => nest(60),
    expect: 'compile',
    tests: [
      { text: () => nestText(60), valid: true },
      { text: () => nestText(59), valid: false },
    ],
  },
  {
    id: 'nested-schema-100-depth-200',
    kind: 'json-schema',
    why: 'a value 100 levels deep with maxDepth 200',
    make: () => nest(100),
    options: { maxDepth: 200 },
    expect: 'compile',
    tests: [
      { text: () => nestText(100), valid: true },
      { text: () => nestText(99), valid: false },
    ],
  },
  {
    id: 'nested-text-64',
    kind: 'json-schema',
    why: 'the default maxDepth of 64',
    make: () => ({}),
    expect: 'compile',
    tests: [
      { text: () => '['.repeat(64) + ']'.repeat(64), valid: true },
      { text: () => '['.repeat(65) + ']'.repeat(65), valid: false },
      { text: () => '['.repeat(100000), valid: false },
    ],
  },
  {
    id: 'nested-text-1000',
    kind: 'json-schema',
    why: 'a free value 1,000 levels deep with maxDepth 1000',
    make: () => ({}),
    options: { maxDepth: 1000 },
    expect: 'compile',
    tests: [
      { text: () => '['.repeat(1000) + ']'.repeat(1000), valid: true },
      { text: () => `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`, valid: true },
      { text: () => '['.repeat(1001), valid: false },
    ],
  },
  {
    id: 'recursive-text-1000',
    kind: 'json-schema',
    why: 'a recursive value 1,000 levels deep with maxDepth 1000',
    make: () => ({
      $defs: {
        n: {
          type: 'object',
          properties: {
            v: { type: 'integer' },
            n: { anyOf: [{ $ref: '#/$defs/n' }, { type: 'null' }] },
          },
          required: ['v', 'n'],
          additionalProperties: false,
        },
      },
      $ref: '#/$defs/n',
    }),
    options: { maxDepth: 1000 },
    expect: 'compile',
    tests: [{ text: () => `${'{"v":1,"n":'.repeat(1000)}null${'}'.repeat(1000)}`, valid: true }],
  },
  {
    id: 'unique-5000',
    kind: 'json-schema',
    why: '5,000 unique integers',
    make: () => ({ type: 'array', uniqueItems: true, items: { type: 'integer' } }),
    expect: 'compile',
    tests: [
      { text: () => JSON.stringify(rep(5000, (i) => i)), valid: true },
      { text: () => JSON.stringify([...rep(5000, (i) => i), 2500]), valid: false },
    ],
  },
  {
    id: 'unique-objects-2000',
    kind: 'json-schema',
    why: '2,000 unique objects',
    make: () => ({ type: 'array', uniqueItems: true }),
    expect: 'compile',
    tests: [
      { text: () => JSON.stringify(rep(2000, (i) => ({ id: i, t: 'x' }))), valid: true },
      {
        text: () => JSON.stringify([...rep(2000, (i) => ({ id: i, t: 'x' })), { t: 'x', id: 7 }]),
        valid: false,
      },
    ],
  },
  {
    id: 'text-1mb-members',
    kind: 'json-schema',
    why: '20,000 members in an open object',
    make: () => ({ type: 'object' }),
    expect: 'compile',
    tests: [{ text: () => members(20000), valid: true }],
  },
  {
    id: 'text-1mb-members-additional',
    kind: 'json-schema',
    why: '20,000 members under additionalProperties',
    make: () => ({
      type: 'object',
      properties: { a: {} },
      additionalProperties: { type: 'integer' },
    }),
    expect: 'compile',
    tests: [
      { text: () => members(20000), valid: true },
      { text: () => `${members(5000).slice(0, -1)},"k17":3}`, valid: false },
    ],
  },
  {
    id: 'text-1mb-array',
    kind: 'json-schema',
    why: '60,000 objects in an array',
    make: () => ({
      type: 'array',
      items: { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] },
    }),
    expect: 'compile',
    tests: [{ text: () => JSON.stringify(rep(60000, (i) => ({ x: i / 4 }))), valid: true }],
  },
  {
    id: 'text-members-patternprops',
    kind: 'json-schema',
    why: '5,000 members under one patternProperties',
    make: () => ({
      type: 'object',
      patternProperties: { '^k': { type: 'integer' } },
      additionalProperties: false,
    }),
    expect: 'compile',
    tests: [{ text: () => members(5000), valid: true }],
  },
  {
    id: 'contains-1000',
    kind: 'json-schema',
    why: 'contains with minContains 1,000',
    make: () => ({
      type: 'array',
      contains: { type: 'string', pattern: 'x' },
      minContains: 1000,
      maxItems: 1500,
    }),
    expect: 'compile',
    tests: [
      { text: () => JSON.stringify(rep(1200, (i) => (i < 1000 ? 'ax' : i))), valid: true },
      { text: () => JSON.stringify(rep(1500, () => 'a')), valid: false },
    ],
  },
  {
    id: 'unevaluated',
    kind: 'json-schema',
    why: 'unevaluatedProperties over 12 alternatives',
    make: () => ({
      type: 'object',
      anyOf: rep(12, (i) => ({
        properties: { [`a${i}`]: { type: 'integer' } },
        required: [`a${i}`],
      })),
      unevaluatedProperties: false,
    }),
    expect: 'compile',
    tests: [
      { text: () => '{"a3":1,"a5":2}', valid: true },
      { text: () => '{"zz":1}', valid: false },
      { text: () => '{"a3":1,"zz":2}', valid: false },
    ],
  },
  {
    id: 'weight-20001',
    kind: 'json-schema',
    why: 'more than 20,000 schemas about one value: refuse',
    make: () => ({ anyOf: rep(20001, () => ({ type: 'integer' })) }),
    expect: 'refuse',
    error: 'UnsupportedSchemaError',
    tests: [],
  },
  {
    id: 'objects-100001',
    kind: 'json-schema',
    why: 'more than 100,000 objects in a schema: refuse',
    make: () => ({ $defs: { a: rep(100001, () => ({})) } }),
    expect: 'refuse',
    error: 'SchemaError',
    tests: [],
  },
  {
    id: 'description-20mb',
    kind: 'json-schema',
    why: 'a description of 20 MB',
    make: () => ({ type: 'string', description: 'x'.repeat(20e6) }),
    expect: 'compile',
    tests: [{ text: () => '"a"', valid: true }],
  },
  {
    id: 'multipleof-1e308',
    kind: 'json-schema',
    why: 'multipleOf 1e308',
    make: () => ({ type: 'number', multipleOf: 1e308 }),
    expect: 'compile',
    tests: [
      { text: () => '0', valid: true },
      { text: () => '1e308', valid: true },
      { text: () => '-1E+308', valid: true },
      { text: () => '1', valid: false },
      { text: () => '2e308', valid: false },
    ],
  },
  {
    id: 'integer-no-multiple',
    kind: 'json-schema',
    why: 'bounds that contain no multiple: no value',
    make: () => ({ type: 'integer', multipleOf: 1e300, minimum: 1, maximum: 1e299 }),
    expect: 'compile',
    empty: true,
    tests: [
      { text: () => '0', valid: false },
      { text: () => '1', valid: false },
    ],
  },
  {
    id: 'number-spellings',
    kind: 'json-schema',
    why: 'every spelling of a number; at most 40 digits (documented)',
    make: () => ({ type: 'number' }),
    expect: 'compile',
    tests: [
      { text: () => '-0', valid: true },
      { text: () => '1E+2', valid: true },
      { text: () => '0e0', valid: true },
      { text: () => '-0.0e-0', valid: true },
      { text: () => '1e308', valid: true },
      { text: () => '0.1e309', valid: true },
      { text: () => '0.0000000000000000000000001', valid: true },
      { text: () => '1111111111111111111111111111111111111111', valid: true },
      { text: () => '1e309', valid: false },
      { text: () => '1e400', valid: false },
      { text: () => '-1e400', valid: false },
      { text: () => 'NaN', valid: false },
      { text: () => 'Infinity', valid: false },
      { text: () => '-Infinity', valid: false },
      { text: () => '0x10', valid: false },
      { text: () => '1_000', valid: false },
      { text: () => '00', valid: false },
      { text: () => '--1', valid: false },
      { text: () => '1.', valid: false },
      { text: () => '+1', valid: false },
      { text: () => '11111111111111111111111111111111111111111', valid: false },
    ],
  },
  {
    id: 'gbnf-99-parens',
    kind: 'gbnf',
    why: '99 brackets in a grammar',
    make: () => `root ::= ${'('.repeat(99)}"a"${')'.repeat(99)}`,
    expect: 'compile',
    tests: [
      { text: () => 'a', valid: true },
      { text: () => 'b', valid: false },
    ],
  },
  {
    id: 'gbnf-5000-chain',
    kind: 'gbnf',
    why: 'a chain of 5,000 rules',
    make: () => `root ::= r0\n${rep(5000, (i) => `r${i} ::= r${i + 1}`).join('\n')}\nr5000 ::= "a"`,
    expect: 'compile',
    tests: [
      { text: () => 'a', valid: true },
      { text: () => 'b', valid: false },
    ],
  },
  {
    id: 'gbnf-1e9',
    kind: 'gbnf',
    why: 'a count of 1e9 in a grammar: refuse',
    make: () => 'root ::= "a"{0,1000000000}',
    expect: 'refuse',
    error: 'GrammarError',
    tests: [],
  },
  {
    id: 'gbnf-nested-counts',
    kind: 'gbnf',
    why: 'nested counts, 27 million steps in all: refuse',
    make: () => 'root ::= ((("a"{0,300}){0,300}){0,300})',
    expect: 'refuse',
    error: 'GrammarError',
    tests: [],
  },
  {
    id: 'gbnf-ss',
    kind: 'gbnf',
    why: 'the most ambiguous grammar there is; a typed limit error is allowed',
    make: () => 'root ::= s\ns ::= s s | "a" | ""',
    expect: 'compile',
    mayThrow: 'GrammarLimitError',
    tests: [
      { text: () => 'a'.repeat(3000), valid: true },
      { text: () => 'b', valid: false },
    ],
  },
  {
    id: 'gbnf-deep-text',
    kind: 'gbnf',
    why: '200,000 open brackets in a text',
    make: () => 'root ::= "(" root ")" | "x"',
    expect: 'compile',
    tests: [
      { text: () => `${'('.repeat(200000)}x${')'.repeat(200000)}`, valid: true },
      { text: () => ')', valid: false },
    ],
  },
  {
    id: 'gbnf-endless-rule',
    kind: 'gbnf',
    why: 'a rule without an end: no text',
    make: () => 'root ::= "a" root',
    expect: 'compile',
    empty: true,
    tests: [{ text: () => 'a', valid: false }],
  },
  {
    id: 'choice-50k',
    kind: 'choice',
    why: '50,000 options',
    make: () => rep(50000, (i) => `option ${i}`),
    expect: 'compile',
    tests: [
      { text: () => 'option 49999', valid: true },
      { text: () => 'option 50000', valid: false },
    ],
  },
  {
    id: 'choice-5mb',
    kind: 'choice',
    why: 'an option of 5 MB',
    make: () => ['x'.repeat(5e6), 'y'],
    expect: 'compile',
    tests: [
      { text: () => 'y', valid: true },
      { text: () => 'x'.repeat(5e6), valid: true },
      { text: () => 'x', valid: false },
    ],
  },
  {
    id: 'regex-50k-alternatives',
    kind: 'regex',
    why: '8,000 alternatives',
    make: () => new RegExp(rep(8000, (i) => `w${i}`).join('|')),
    expect: 'compile',
    tests: [
      { text: () => 'w7999', valid: true },
      { text: () => 'w8000', valid: false },
    ],
  },
  {
    id: 'regex-1e9',
    kind: 'regex',
    why: 'a count of 1e9: refuse',
    make: () => /a{1000000000}/,
    expect: 'refuse',
    error: 'UnsupportedPatternError',
    tests: [],
  },
  {
    id: 'regex-250-groups',
    kind: 'regex',
    why: '250 nested groups: refuse',
    make: () => new RegExp(`${'('.repeat(250)}a${')'.repeat(250)}`),
    expect: 'refuse',
    error: 'UnsupportedPatternError',
    tests: [],
  },
  {
    id: 'regex-catastrophic',
    kind: 'regex',
    why: 'nested quantifiers on 100,000 characters: no backtracking',
    make: () => /(x+x+)+y/,
    expect: 'compile',
    tests: [
      { text: () => `${'x'.repeat(100000)}y`, valid: true },
      { text: () => 'x'.repeat(100000), valid: false },
    ],
  },
  {
    id: 'growth-required-ordered',
    kind: 'json-schema',
    why: 'n required members in schema order: time should grow with n, today with its cube',
    sizes: [200, 400, 800],
    make: (n) => ({
      type: 'object',
      properties: obj(n, (i) => [`p${i}`, { type: 'integer' }]),
      required: rep(n, (i) => `p${i}`),
      additionalProperties: false,
    }),
    options: { propertyOrder: 'schema', whitespace: 'none' },
    expect: 'compile',
    tests: [{ text: (n) => `{${rep(n, (i) => `"p${i}":${i}`).join(',')}}`, valid: true }],
  },
  {
    id: 'growth-required',
    kind: 'json-schema',
    why: 'n required members in any order',
    sizes: [200, 400, 800],
    make: (n) => ({
      type: 'object',
      properties: obj(n, (i) => [`p${i}`, { type: 'integer' }]),
      required: rep(n, (i) => `p${i}`),
      additionalProperties: false,
    }),
    expect: 'compile',
    tests: [{ text: (n) => `{${rep(n, (i) => `"p${i}":${i}`).join(',')}}`, valid: true }],
  },
  {
    id: 'growth-open-members',
    kind: 'json-schema',
    why: 'n members of an open object',
    sizes: [2000, 4000, 8000],
    make: () => ({ type: 'object' }),
    expect: 'compile',
    tests: [{ text: (n) => members(n), valid: true }],
  },
  {
    id: 'growth-pattern-properties',
    kind: 'json-schema',
    why: 'n members under one patternProperties',
    sizes: [1250, 2500, 5000],
    make: () => ({
      type: 'object',
      patternProperties: { '^k': { type: 'integer' } },
      additionalProperties: false,
    }),
    expect: 'compile',
    tests: [{ text: (n) => members(n), valid: true }],
  },
  {
    id: 'growth-unique-integers',
    kind: 'json-schema',
    why: 'n unique integers',
    sizes: [100, 200, 400],
    make: () => ({ type: 'array', uniqueItems: true, items: { type: 'integer' } }),
    expect: 'compile',
    tests: [{ text: (n) => JSON.stringify(rep(n, (i) => i)), valid: true }],
  },
  {
    id: 'growth-pattern-min-length',
    kind: 'json-schema',
    why: 'a pattern with minLength n',
    sizes: [2000, 4000, 8000],
    make: (n) => ({ type: 'string', minLength: n, pattern: '^[a-z ]*$' }),
    expect: 'compile',
    tests: [{ text: (n) => JSON.stringify('a'.repeat(n)), valid: true }],
  },
  {
    id: 'growth-patterns-at-once',
    kind: 'json-schema',
    why: 'n patterns on one string, each satisfied once',
    sizes: [5, 10, 20],
    make: (n) => ({ type: 'string', allOf: rep(n, (i) => ({ pattern: `k${i};` })) }),
    expect: 'compile',
    tests: [{ text: (n) => JSON.stringify(rep(n, (i) => `k${i};`).join('')), valid: true }],
  },
];
