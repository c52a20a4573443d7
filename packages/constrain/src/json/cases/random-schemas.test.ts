import Ajv2020 from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../constraints/json-schema.js';
import { accepts } from '../../contract/accepts.js';
import { compileValidator } from '../validate/validate.js';

const ajv = new Ajv2020.default({ strict: false, logger: false, validateFormats: false });

const texts = ['', 'a', 'b', 'ab', 'ba', 'é', '😀', 'a"b'];
const scalar = fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 3, 1.5, -1, 1e15, ...texts);
const names = ['a', 'b', 'c', 'ab'];
const name = fc.constantFrom(...names);
const someNames = fc.uniqueArray(name, { maxLength: 2 });
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

const count = fc.nat({ max: 3 });
const pattern = fc.constantFrom('^a', 'b$', '^[ab]*$', 'é|^$', '^.$', '^(ab)+$');
const type = fc.constantFrom('null', 'boolean', 'number', 'integer', 'string', 'array', 'object');

/** Keywords, each with what makes its values out of schemas. */
const keywords: Readonly<Record<string, (schema: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>>> =
  {
    type: () => fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
    enum: () => fc.array(value, { minLength: 1, maxLength: 4 }),
    const: () => value,
    minimum: () => count,
    exclusiveMaximum: () => count,
    multipleOf: () => fc.constantFrom(0.5, 1, 2),
    minLength: () => count,
    maxLength: () => count,
    pattern: () => pattern,
    properties: (schema) => byName(name, schema),
    required: () => someNames,
    additionalProperties: (schema) => schema,
    patternProperties: (schema) => byName(pattern, schema),
    propertyNames: (schema) => schema,
    minProperties: () => count,
    maxProperties: () => count,
    dependentRequired: () => byName(name, someNames),
    dependentSchemas: (schema) => byName(name, schema),
    prefixItems: several,
    items: (schema) => schema,
    minItems: () => count,
    maxItems: () => count,
    contains: (schema) => schema,
    minContains: () => count,
    maxContains: () => count,
    uniqueItems: () => fc.boolean(),
    allOf: several,
    anyOf: several,
    oneOf: several,
    not: (schema) => schema,
    if: (schema) => schema,
    // biome-ignore lint/suspicious/noThenProperty: a keyword
    then: (schema) => schema,
    else: (schema) => schema,
    unevaluatedProperties: (schema) => schema,
    unevaluatedItems: (schema) => schema,
    $ref: () => fc.constantFrom('#/$defs/x', '#/$defs/y'),
  };

function byName(names: fc.Arbitrary<string>, values: fc.Arbitrary<unknown>) {
  return fc.dictionary(names, values, { maxKeys: 3, noNullPrototype: true });
}

function several(schema: fc.Arbitrary<unknown>) {
  return fc.array(schema, { minLength: 1, maxLength: 3 });
}

function schemaOf(depth: number): fc.Arbitrary<object> {
  const inner = depth === 0 ? fc.boolean() : fc.oneof(fc.boolean(), schemaOf(depth - 1));
  return fc
    .subarray(Object.keys(keywords), { minLength: 1, maxLength: 4 })
    .chain((names) =>
      fc.record(Object.fromEntries(names.map((keyword) => [keyword, keywords[keyword](inner)]))),
    );
}

const definitions = {
  x: { type: ['object', 'integer'], properties: { a: { $ref: '#/$defs/x' } } },
  y: { anyOf: [{ type: 'array', items: { $ref: '#/$defs/y' } }, { maxLength: 2 }] },
};

const runs = { numRuns: 140, seed: 7 };
const values = fc.array(value, { minLength: 8, maxLength: 8 });

describe('jsonSchema on random schemas', () => {
  it('agrees with ajv, in every order and with blanks', () => {
    let valid = 0;
    fc.assert(
      fc.property(schemaOf(2), values, fc.infiniteStream(fc.boolean()), (random, all, flips) => {
        const text = JSON.stringify(random);
        // What ajv gets wrong, or does not look at: an empty array with both, an `if` alone, what
        // is unevaluated behind a circle.
        fc.pre(!/unevaluated/.test(text));
        fc.pre(!(text.includes('"contains"') && text.includes('"prefixItems"')));
        const whole = { ...random, $defs: definitions };
        const isValid = ajv.compile(whole);
        const constraint = jsonSchema(whole);
        for (const candidate of all) {
          const turned = flips.next().value ? candidate : reversed(candidate);
          const indent = flips.next().value ? 2 : undefined;
          const expected = isValid(candidate);
          if (expected) valid++;
          expect(accepts(constraint, JSON.stringify(turned, null, indent))).toBe(expected);
        }
      }),
      runs,
    );
    expect(valid).toBeGreaterThan(230);
  });

  it('agrees with the validator on every keyword', () => {
    fc.assert(
      fc.property(schemaOf(3), values, (random, all) => {
        const whole = { ...random, $defs: definitions };
        const isValid = compileValidator(whole, {
          patternOf: (source) => (text) => new RegExp(source, 'u').test(text),
          formatOf: () => undefined,
        });
        const constraint = jsonSchema(whole);
        for (const candidate of all)
          expect(accepts(constraint, JSON.stringify(candidate))).toBe(isValid(candidate));
      }),
      runs,
    );
  });

  it('goes on from every prefix that it takes, where nothing is left open to the end', () => {
    fc.assert(
      fc.property(schemaOf(2), fc.infiniteStream(fc.nat()), (random, choices) => {
        const text = JSON.stringify(random);
        fc.pre(!/unevaluated|oneOf|"if"|"not"|unique|contains/i.test(text));
        const constraint = jsonSchema({ ...random, $defs: definitions });
        let state = constraint.start();
        for (let i = 0; state !== undefined && i < 40 && !constraint.canEnd(state); i++) {
          const from = state;
          const ways = everyByte.flatMap((byte) => constraint.advance(from, byte) ?? []);
          expect(ways.length).toBeGreaterThan(0);
          state = ways[choices.next().value % ways.length];
        }
      }),
      { ...runs, numRuns: 50 },
    );
  });
});

const everyByte = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));

function reversed(of: unknown): unknown {
  if (Array.isArray(of)) return of.map(reversed);
  if (typeof of !== 'object' || of === null) return of;
  return Object.fromEntries(
    Object.entries(of)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
