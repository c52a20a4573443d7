import type { Tokenizer } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonSchemaOptions, jsonSchema } from '../../constraints/json-schema.js';
import { isInMask, tokenMask } from '../../contract/token-mask.js';
import { tokenTrie } from '../../contract/token-trie.js';

const pieces = [
  ...'{}[]:," \\/abcdefilnrstuxyz0123456789.-+eE',
  ...[
    '{"',
    '":',
    '":"',
    '":1',
    '":{"',
    '": ',
    '","',
    '", "',
    '"}',
    '"}]',
    '},',
    '}]}',
    '[]',
    '{}',
    '[{"',
    '\\n',
    '\\u00',
    '\\"',
  ],
  ...[
    'true',
    'fal',
    'se',
    'null',
    'ab',
    'abc',
    'name',
    'na',
    'me":',
    '"a":',
    ',"b"',
    ' "',
    '\n  ',
    'é',
    '😀',
    'x"',
  ],
  ...[
    '12',
    '1.5',
    '-1',
    'e5',
    '0,',
    '1}',
    '\t',
    '\u007f',
    '\u0001',
    'longer than the rest of them',
  ],
];
const utf8 = new TextEncoder();
const tokens = [
  ...pieces.map((piece) => utf8.encode(piece)),
  // Halves of characters.
  Uint8Array.of(0xc3),
  Uint8Array.of(0xa9),
  Uint8Array.of(0xf0, 0x9f),
  Uint8Array.of(0x98, 0x80, 0x22),
  Uint8Array.of(0x61, 0xc3),
  Uint8Array.of(0xff),
];
const tokenizer: Tokenizer = {
  ...mockTokenizer(),
  vocabularySize: tokens.length,
  special: new Set(),
  endOfText: new Set(),
  bytes: (id) => tokens[id],
};
const trie = tokenTrie(tokenizer);

const schemas: readonly unknown[] = [
  true,
  {
    type: 'object',
    properties: { name: { type: 'string' }, a: { type: 'integer' } },
    required: ['a'],
  },
  { properties: { ab: { enum: ['a', 'ab', 'é"'] } }, additionalProperties: false, type: 'object' },
  { type: 'array', items: { type: 'string', maxLength: 3 }, uniqueItems: true },
  { type: 'array', items: { type: 'string', pattern: '^[a-c]*$', minLength: 2 }, maxItems: 3 },
  {
    type: 'object',
    patternProperties: { '^a': { type: 'number' } },
    propertyNames: { maxLength: 4 },
  },
  { type: 'object', patternProperties: { '^a': true }, additionalProperties: { const: 12 } },
  {
    anyOf: [
      { type: 'string', format: 'date' },
      { type: 'number', minimum: 1, maximum: 20 },
    ],
  },
  {
    type: 'array',
    items: { not: { type: ['object', 'string', 'null'] } },
    contains: { const: 1.5 },
  },
  { type: 'object', properties: { a: true }, unevaluatedProperties: false },
  { type: 'string', not: { enum: ['ab', 'abc'] } },
];
const styles: readonly JsonSchemaOptions[] = [
  {},
  { whitespace: 'none', propertyOrder: 'schema', spelling: 'canonical' },
  { whitespace: 'spaced' },
];

describe('masks of jsonSchema', () => {
  it('hold the tokens that pass a check, and what is forced passes it', () => {
    const constraints = schemas.flatMap((schema) =>
      styles.map((style) => jsonSchema(schema, style)),
    );
    const ids = tokens.map((_, id) => id);
    fc.assert(
      fc.property(
        fc.constantFrom(...constraints),
        fc.array(fc.nat(), { maxLength: 12 }),
        (constraint, picks) => {
          let state = constraint.start();
          for (const pick of [...picks, 0]) {
            const from = state!;
            const checked = ids.filter((id) => constraint.advance(from, tokens[id]) !== undefined);
            const mask = tokenMask(constraint, from, trie);
            expect(ids.filter((id) => isInMask(mask, id))).toEqual(checked);
            const forced = constraint.forced!(from);
            if (forced.length > 0) {
              expect(constraint.canEnd(from)).toBe(false);
              expect(constraint.advance(from, forced)).toBeDefined();
              for (const id of checked)
                expect(tokens[id].subarray(0, forced.length)).toEqual(
                  forced.subarray(0, tokens[id].length),
                );
            }
            if (checked.length === 0) break;
            state = constraint.advance(from, tokens[checked[pick % checked.length]]);
          }
        },
      ),
      { numRuns: 600, seed: 3 },
    );
  });

  it.each(['any', 'schema'] as const)(
    'tell names with a value of their own from others, order %s',
    (propertyOrder) => {
      const constraint = jsonSchema(
        { type: 'object', properties: { ab: { type: 'object' }, na: { type: 'integer' } } },
        { propertyOrder },
      );
      const allowed = (text: string) => {
        const state = constraint.advance(constraint.start()!, utf8.encode(text))!;
        const mask = tokenMask(constraint, state, trie);
        const ids = tokens.map((_, id) => id).filter((id) => isInMask(mask, id));
        const texts = ids.map((id) => new TextDecoder().decode(tokens[id]));
        return texts.filter((token) => token.startsWith('":')).sort();
      };
      expect(allowed('{"x')).toEqual(['":', '": ', '":"', '":1', '":{"']);
      expect(allowed('{"ab')).toEqual(['":', '": ', '":{"']);
      expect(allowed('{"na')).toEqual(['":', '": ', '":1']);
    },
  );
});
