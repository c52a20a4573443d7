import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../constraints/json-schema.js';
import { accepts } from '../../contract/accepts.js';
import { formatOf, hasFormat } from '../formats/format.js';
import { compileValidator } from '../validate/validate.js';
import { appliesTo, type Draft, type Keyword, type KeywordName, keywords } from './keywords.js';
import { SchemaDocument, type SchemaNode } from './schema-document.js';
import { SchemaError } from './schema-error.js';
import { evaluatedBy } from './unevaluated.js';

interface Sample {
  /** With the keyword; without it, every value below is valid. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly valid: readonly unknown[];
  readonly invalid: readonly unknown[];
  /** What may not stand under the keyword. */
  readonly wrong: readonly unknown[];
}

const $defs = { text: { type: 'string' } };
const text = { type: 'string' };

/** A keyword without a sample does not compile. */
const samples: Readonly<Record<KeywordName, Sample>> = {
  $ref: { schema: { $ref: '#/$defs/text', $defs }, valid: ['a'], invalid: [1], wrong: [1, '#/a'] },
  $dynamicRef: {
    schema: { $dynamicRef: '#/$defs/text', $defs },
    valid: ['a'],
    invalid: [1],
    wrong: [1, '#/a'],
  },
  $recursiveRef: {
    schema: { $recursiveAnchor: true, maxItems: 1, items: { $recursiveRef: '#' } },
    valid: [[[1]]],
    invalid: [[[1, 2]]],
    wrong: [1],
  },
  allOf: {
    schema: { allOf: [{ minimum: 1 }, { maximum: 3 }] },
    valid: [2],
    invalid: [0, 4],
    wrong: [{}, [1]],
  },
  anyOf: {
    schema: { anyOf: [{ maximum: 1 }, { minimum: 3 }] },
    valid: [0, 4],
    invalid: [2],
    wrong: [{}, [1]],
  },
  oneOf: {
    schema: { oneOf: [{ maximum: 2 }, { minimum: 1 }] },
    valid: [0, 3],
    invalid: [1.5],
    wrong: [{}, [1]],
  },
  not: { schema: { not: text }, valid: [1], invalid: ['a'], wrong: [1, []] },
  if: { schema: { if: text, else: false }, valid: ['a'], invalid: [1], wrong: [1, []] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword
  then: {
    // biome-ignore lint/suspicious/noThenProperty: a keyword
    schema: { if: text, then: { maxLength: 1 } },
    valid: ['a', 1],
    invalid: ['ab'],
    wrong: [1],
  },
  else: { schema: { if: text, else: { maximum: 1 } }, valid: ['a', 1], invalid: [2], wrong: [1] },
  dependentSchemas: {
    schema: { dependentSchemas: { a: { maxProperties: 1 } } },
    valid: [{ a: 1 }, { b: 1, c: 1 }],
    invalid: [{ a: 1, b: 1 }],
    wrong: [[], { a: 1 }],
  },
  dependentRequired: {
    schema: { dependentRequired: { a: ['b'] } },
    valid: [{ a: 1, b: 1 }, {}],
    invalid: [{ a: 1 }],
    wrong: [[], { a: [1] }],
  },
  dependencies: {
    schema: { dependencies: { a: ['b'], c: { maxProperties: 1 } } },
    valid: [{ a: 1, b: 1 }, { c: 1 }],
    invalid: [{ a: 1 }, { c: 1, d: 1 }],
    wrong: [[], { a: [1] }, { a: 1 }],
  },
  prefixItems: {
    schema: { prefixItems: [text] },
    valid: [['a', 1]],
    invalid: [[1]],
    wrong: [{}, [1]],
  },
  items: { schema: { items: text }, valid: [['a', 'b']], invalid: [['a', 1]], wrong: [1, [1]] },
  additionalItems: {
    schema: { items: [true], additionalItems: text },
    valid: [[1, 'a']],
    invalid: [['a', 1]],
    wrong: [1, []],
  },
  contains: { schema: { contains: text }, valid: [[1, 'a']], invalid: [[1], []], wrong: [1, []] },
  unevaluatedItems: {
    schema: { allOf: [{ items: [true] }], unevaluatedItems: text },
    valid: [[1, 'a']],
    invalid: [['a', 1]],
    wrong: [1, []],
  },
  properties: {
    schema: { properties: { a: text } },
    valid: [{ a: 'a', b: 1 }],
    invalid: [{ a: 1 }],
    wrong: [[], { a: 1 }],
  },
  patternProperties: {
    schema: { patternProperties: { '^a': text } },
    valid: [{ ab: 'a', ba: 1 }],
    invalid: [{ ab: 1 }],
    wrong: [[], { a: 1 }],
  },
  additionalProperties: {
    schema: { properties: { a: true }, additionalProperties: text },
    valid: [{ a: 1, b: 'a' }],
    invalid: [{ b: 1 }],
    wrong: [1, []],
  },
  propertyNames: {
    schema: { propertyNames: { maxLength: 1 } },
    valid: [{ a: 1 }],
    invalid: [{ ab: 1 }],
    wrong: [1, []],
  },
  unevaluatedProperties: {
    schema: { allOf: [{ properties: { a: true } }], unevaluatedProperties: text },
    valid: [{ a: 1, b: 'a' }],
    invalid: [{ b: 1 }],
    wrong: [1, []],
  },
  required: { schema: { required: ['a'] }, valid: [{ a: 1 }, 1], invalid: [{}], wrong: ['a', [1]] },
  minProperties: {
    schema: { minProperties: 1 },
    valid: [{ a: 1 }, 1],
    invalid: [{}],
    wrong: [-1, 1.5],
  },
  maxProperties: {
    schema: { maxProperties: 1 },
    valid: [{ a: 1 }],
    invalid: [{ a: 1, b: 1 }],
    wrong: [-1, '1'],
  },
  type: {
    schema: { type: ['string', 'integer'] },
    valid: ['a', 1],
    invalid: [1.5, null, true, [], {}],
    wrong: ['text', [1], 1],
  },
  enum: {
    schema: { enum: [1, { a: [2] }] },
    valid: [1, { a: [2] }],
    invalid: [2, {}],
    wrong: [1, {}],
  },
  const: { schema: { const: [1] }, valid: [[1]], invalid: [[], 1], wrong: [] },
  pattern: { schema: { pattern: '^a+$' }, valid: ['aa', 1], invalid: ['ab', ''], wrong: [1, '('] },
  format: {
    schema: { format: 'date' },
    valid: ['2020-02-29'],
    invalid: ['2021-02-29'],
    wrong: [1],
  },
  minLength: { schema: { minLength: 2 }, valid: ['ab', '😀a'], invalid: ['a', '😀'], wrong: [-1] },
  maxLength: { schema: { maxLength: 1 }, valid: ['', '😀'], invalid: ['ab'], wrong: [0.5] },
  multipleOf: {
    schema: { multipleOf: 0.1 },
    valid: [0.3, 2],
    invalid: [0.25],
    wrong: [0, -1, '1'],
  },
  minimum: { schema: { minimum: 1 }, valid: [1, 'a'], invalid: [0.9], wrong: ['1'] },
  maximum: { schema: { maximum: 1 }, valid: [1, -5], invalid: [1.1], wrong: [true] },
  exclusiveMinimum: { schema: { exclusiveMinimum: 1 }, valid: [1.1], invalid: [1], wrong: ['1'] },
  exclusiveMaximum: { schema: { exclusiveMaximum: 1 }, valid: [0.9], invalid: [1], wrong: ['1'] },
  minItems: { schema: { minItems: 1 }, valid: [[1]], invalid: [[]], wrong: [-1] },
  maxItems: { schema: { maxItems: 1 }, valid: [[1]], invalid: [[1, 2]], wrong: [1.5] },
  uniqueItems: { schema: { uniqueItems: true }, valid: [[1, 2]], invalid: [[1, 1.0]], wrong: [1] },
  minContains: {
    schema: { contains: text, minContains: 2 },
    valid: [['a', 1, 'b']],
    invalid: [['a', 1]],
    wrong: [-1],
  },
  maxContains: {
    schema: { contains: text, maxContains: 1 },
    valid: [['a', 1]],
    invalid: [['a', 'b']],
    wrong: ['1'],
  },
};

const names = Object.keys(keywords) as KeywordName[];
const drafts: readonly Draft[] = [4, 6, 7, 2019, 2020];

const uriOf = (draft: Draft) =>
  draft < 2019
    ? `http://json-schema.org/draft-0${draft}/schema#`
    : `https://json-schema.org/draft/${draft}-${draft === 2019 ? '09' : '12'}/schema`;

/** The schema without a keyword, at any depth. */
function without(schema: Sample['schema'], name: KeywordName): Sample['schema'] {
  return JSON.parse(JSON.stringify(schema), (key, value) => (key === name ? undefined : value));
}

/** The two implementations. */
const implementations: Readonly<
  Record<string, (schema: unknown) => (value: unknown) => boolean | Promise<boolean>>
> = {
  formulas(schema) {
    const constraint = jsonSchema(schema);
    return (value) => accepts(constraint, JSON.stringify(value));
  },
  validator: (schema) =>
    compileValidator(schema, {
      patternOf: (source) => (given) => new RegExp(source, 'u').test(given),
      formatOf(name) {
        const format = formatOf(name);
        return format && ((given) => hasFormat(format, given));
      },
    }),
};

describe.each(names)('%s', (name) => {
  const { schema, valid, invalid, wrong } = samples[name];
  const { until = 2020 }: Keyword = keywords[name];

  it.each(Object.keys(implementations))('is enforced by %s, in the drafts that have it', (by) => {
    for (const draft of drafts) {
      const isValid = implementations[by]({ $schema: uriOf(draft), ...schema });
      for (const value of valid)
        expect(isValid(value), `${draft}: ${JSON.stringify(value)}`).toBe(true);
      for (const value of invalid)
        expect(isValid(value), `${draft}: ${JSON.stringify(value)}`).toBe(!appliesTo(name, draft));
    }
    const isFree = implementations[by]({ $schema: uriOf(until), ...without(schema, name) });
    for (const value of [...valid, ...invalid]) expect(isFree(value)).toBe(true);
  });

  it('is refused where it holds something else', () => {
    for (const value of wrong)
      expect(() => jsonSchema({ ...schema, [name]: value }), JSON.stringify(value)).toThrow(
        SchemaError,
      );
  });
});

describe('the table', () => {
  it('has each keyword from the draft on that brought it', () => {
    const later: Readonly<Record<string, readonly Draft[]>> = {
      ...Object.fromEntries(['const', 'contains', 'propertyNames'].map((name) => [name, [6, 7]])),
      ...Object.fromEntries(['if', 'then', 'else'].map((name) => [name, [7]])),
    };
    const from2019 = ['dependentRequired', 'dependentSchemas', 'minContains', 'maxContains'];
    const unevaluated = ['unevaluatedItems', 'unevaluatedProperties'];
    const split: Readonly<Record<string, readonly Draft[]>> = {
      $recursiveRef: [2019],
      $dynamicRef: [2020],
      prefixItems: [2020],
    };
    for (const name of names) {
      const isNew = [...from2019, ...unevaluated].includes(name);
      const old = later[name] ?? (isNew ? [] : [4, 6, 7]);
      const expected = split[name] ?? [...old, 2019, 2020];
      expect(
        drafts.filter((draft) => appliesTo(name, draft)),
        name,
      ).toEqual(expected);
    }
  });

  const inPlace: Readonly<Record<string, 'always' | 'maybe' | 'never'>> = {
    allOf: 'always',
    anyOf: 'maybe',
    oneOf: 'maybe',
    not: 'never',
    if: 'maybe',
    // biome-ignore lint/suspicious/noThenProperty: a keyword
    then: 'maybe',
    else: 'maybe',
    dependentSchemas: 'maybe',
    dependencies: 'maybe',
  };
  const holding = (name: KeywordName, schema: unknown) => {
    const { holds }: Keyword = keywords[name];
    if (holds === 'schemas') return { [name]: [schema] };
    return { [name]: holds.endsWith('by name') ? { a: schema } : schema };
  };
  const applying = names.filter((name) => /^schema/.test(keywords[name].holds));

  it.each(applying)('knows whether %s is about the value itself', (name) => {
    const circle = () => jsonSchema({ $schema: uriOf(2020), ...holding(name, { $ref: '#' }) });
    if (name in inPlace) expect(circle).toThrow(/refers to itself/);
    else expect(circle).not.toThrow();
  });

  it.each(Object.keys(inPlace) as KeywordName[])('knows what %s evaluates', (name) => {
    const document = new SchemaDocument(holding(name, { properties: { a: true } }));
    const { names, depends } = evaluatedBy(document, document.root as SchemaNode, 'properties');
    expect([names.has('a'), depends]).toEqual(
      { always: [true, false], maybe: [true, true], never: [false, false] }[inPlace[name]],
    );
  });

  it.each([
    ...['properties', 'patternProperties', 'dependentSchemas', 'dependencies'],
    ...['$defs', 'definitions'],
  ])('takes no name under %s for a keyword', (holder) => {
    const schema = { $ref: '#text', [holder]: { default: { $anchor: 'text', type: 'string' } } };
    for (const by of Object.values(implementations))
      expect(['a', 1].map(by(schema))).toEqual([true, false]);
  });

  it.each(['enum', 'const', 'default', 'examples', 'required'])('finds no schema in %s', (name) => {
    const schema = { $ref: '#text', $defs: { a: { [name]: { $anchor: 'text' } } } };
    const document = new SchemaDocument(schema);
    expect(() => document.resolve(document.root as SchemaNode, '#text')).toThrow(SchemaError);
  });
});
