import { readdirSync } from 'node:fs';
import { fixturePath, readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { formatOf, hasFormat } from '../formats/format.js';
import { SchemaError } from '../schema/schema-error.js';
import { compileValidator, type ValidatorOptions } from './validate.js';

interface Group {
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

const suite = 'vectors/json-schema-test-suite';
const options: ValidatorOptions = {
  patternOf: (source) => {
    const pattern = new RegExp(source, 'u');
    return (text) => pattern.test(text);
  },
  formatOf: () => undefined,
};
const asserting: ValidatorOptions = {
  ...options,
  formatOf: (name) => {
    const format = formatOf(name);
    return format && ((text) => hasFormat(format, text));
  },
};

function groups(part: string): [string, Group][] {
  return readdirSync(fixturePath(`${suite}/${part}`)).flatMap((file) =>
    readJson<Group[]>(`${suite}/${part}/${file}`).map((group): [string, Group] => [
      `${file}: ${group.description}`,
      group,
    ]),
  );
}

/** Groups that refer to a document which is not theirs. */
const refused = new Set<string>();

function expectVerdicts(group: Group, verdicts: ValidatorOptions): void {
  const isValid = compileValidator(group.schema, verdicts);
  for (const { description, data, valid } of group.tests)
    expect(isValid(data), description).toBe(valid);
}

describe('compileValidator', () => {
  it.each(groups('required'))('agrees with the JSON Schema test suite: %s', (name, group) => {
    if (JSON.stringify(group.schema).includes('"$ref":"https://json-schema.org')) {
      expect(() => compileValidator(group.schema, options)).toThrow(SchemaError);
      refused.add(name);
    } else expectVerdicts(group, options);
  });

  it.each(groups('optional-format'))('asserts formats where asked: %s', (_, group) => {
    expectVerdicts(group, asserting);
  });

  it('refuses only what refers to other documents', () => {
    expect(refused.size).toBeLessThanOrEqual(3);
  });

  const draft = (name: string) => `https://json-schema.org/draft/${name}/schema`;
  const cases: [string, unknown, unknown[], unknown[]][] = [
    [
      'unevaluatedProperties with branches',
      {
        properties: { a: true },
        anyOf: [{ properties: { b: { type: 'string' } }, required: ['b'] }, { required: ['a'] }],
        if: { required: ['c'] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword
        then: { properties: { c: true } },
        dependentSchemas: { a: { properties: { d: true } } },
        unevaluatedProperties: { type: 'null' },
      },
      [{ a: 1 }, { b: 'x' }, { a: 1, c: 1, d: 1 }, { a: 1, x: null }],
      [
        { a: 1, b: 1 },
        { b: 'x', d: 1 },
        { a: 1, x: 1 },
      ],
    ],
    [
      'unevaluatedProperties beside $ref, not seen through not',
      {
        $ref: '#/$defs/base',
        not: { not: { properties: { b: true } } },
        unevaluatedProperties: false,
        $defs: { base: { properties: { a: true } } },
      },
      [{ a: 1 }],
      [{ b: 1 }],
    ],
    [
      'unevaluatedItems',
      { prefixItems: [true], contains: { type: 'string' }, unevaluatedItems: { type: 'number' } },
      [[null, 'a', 1], ['a']],
      [
        [null, 'a', null],
        [1, 2],
      ],
    ],
    [
      'items as a list, draft 2019-09',
      { $schema: draft('2019-09'), items: [{ type: 'string' }], unevaluatedItems: false },
      [['a'], []],
      [['a', 1], [1]],
    ],
    [
      'additionalItems and dependencies, draft 7',
      {
        $schema: 'http://json-schema.org/draft-07/schema#',
        items: [true],
        additionalItems: { type: 'number' },
        dependencies: { a: ['b'], c: { minProperties: 3 } },
      },
      [['a', 1], { a: 1, b: 1 }, { c: 1, d: 1, e: 1 }],
      [['a', 'b'], { a: 1 }, { c: 1 }],
    ],
    [
      'exclusiveMinimum: true, draft 4',
      { $schema: 'http://json-schema.org/draft-04/schema#', minimum: 1, exclusiveMinimum: true },
      [1.1],
      [1],
    ],
    [
      'keywords beside $ref, draft 7',
      {
        $schema: 'http://json-schema.org/draft-07/schema#',
        $ref: '#/definitions/a',
        maximum: 1,
        definitions: { a: { type: 'number' } },
      },
      [1],
      [2, 'a'],
    ],
    [
      '$dynamicRef',
      {
        $id: 'https://example.com/strict-tree',
        $dynamicAnchor: 'node',
        $ref: 'tree',
        unevaluatedProperties: false,
        $defs: {
          tree: {
            $id: 'https://example.com/tree',
            $dynamicAnchor: 'node',
            type: 'object',
            properties: {
              data: true,
              children: { type: 'array', items: { $dynamicRef: '#node' } },
            },
          },
        },
      },
      [{ data: 1, children: [{ data: 2 }] }],
      [{ children: [{ daat: 1 }] }, { daat: 1 }],
    ],
    [
      '$recursiveRef',
      {
        $schema: draft('2019-09'),
        $id: 'https://example.com/outer',
        $recursiveAnchor: true,
        $ref: 'inner',
        unevaluatedProperties: false,
        $defs: {
          inner: {
            $id: 'https://example.com/inner',
            $recursiveAnchor: true,
            properties: { child: { $recursiveRef: '#' } },
          },
        },
      },
      [{ child: { child: {} } }],
      [{ child: { other: 1 } }],
    ],
    [
      '$anchor, $id and pointers',
      {
        $id: 'https://example.com/root',
        properties: {
          a: { $ref: '#text' },
          b: { $ref: 'other' },
          c: { $ref: 'other#/$defs/x~1y' },
        },
        $defs: {
          t: { $anchor: 'text', type: 'string' },
          o: { $id: 'other', type: 'null', $defs: { 'x/y': { type: 'boolean' } } },
        },
      },
      [{ a: '', b: null, c: true }],
      [{ a: 1 }, { b: 1 }, { c: null }],
    ],
    [
      'equality of values',
      { uniqueItems: true, items: { enum: [{ a: 1, b: [2] }, 0, '0', null, [1, { c: 2 }]] } },
      [[{ b: [2], a: 1 }, 0, '0'], [-0]],
      [
        [0, -0],
        [[{ c: 2 }, 1]],
        [{ a: 1 }],
        [
          { a: 1, b: [2] },
          { b: [2], a: 1 },
        ],
      ],
    ],
    ['multiples in decimals', { multipleOf: 0.01 }, [0.07, 1.1, 4.35, 1e20, 0], [0.075, 1e-3]],
  ];
  it.each(cases)('knows %s', (_, schema, right, wrong) => {
    const isValid = compileValidator(schema, options);
    for (const value of right) expect(isValid(value), JSON.stringify(value)).toBe(true);
    for (const value of wrong) expect(isValid(value), JSON.stringify(value)).toBe(false);
  });

  it('is not fooled by names of Object.prototype', () => {
    const isValid = compileValidator(
      { required: ['toString'], properties: { constructor: { type: 'string' } } },
      options,
    );
    expect(isValid({})).toBe(false);
    expect(isValid({ toString: 1 })).toBe(true);
    expect(isValid(JSON.parse('{"toString":1,"constructor":2,"__proto__":3}'))).toBe(false);
  });

  it('recurses with the value, and refuses to recurse without end', () => {
    const list = compileValidator(
      { type: 'object', properties: { next: { $ref: '#' } }, additionalProperties: false },
      options,
    );
    let value: object = {};
    for (let i = 0; i < 200; i++) value = { next: value };
    expect(list(value)).toBe(true);
    const loop = compileValidator({ allOf: [{ $ref: '#' }] }, options);
    expect(() => loop(1)).toThrow(/refers to itself without end/);
  });

  it('refuses what it cannot follow', () => {
    expect(() => compileValidator({ $ref: '#/$defs/none' }, options)).toThrow(SchemaError);
    expect(() => compileValidator(1, options)).toThrow(SchemaError);
    expect(() => compileValidator({ not: 1 }, options)).toThrow(SchemaError);
  });

  it('looks at unevaluated items of a subschema apart from those beside it', () => {
    const isValid = compileValidator(
      { items: true, allOf: [{ unevaluatedItems: false }] },
      options,
    );
    expect(isValid([1])).toBe(false);
    expect(isValid([])).toBe(true);
  });
});
