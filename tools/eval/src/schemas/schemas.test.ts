import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCaseSet, type SchemaCase, schemaOf } from './case-set.js';
import { checkCase } from './check-case.js';
import { placeAfter } from './compare-masks.js';
import { independentValidator } from './independent-validator.js';
import { formatSchemaReport } from './schema-report.js';

const person: SchemaCase = {
  id: 'person',
  validator: 'Draft202012Validator',
  schema: {
    type: 'object',
    properties: { name: { type: 'string' }, born: { type: 'string', format: 'date' } },
    required: ['name'],
    additionalProperties: false,
  },
  tests: [
    { valid: true, text: '{"born": "2000-01-01", "name": "a"}' },
    { valid: false, text: '{"name":1}', failed_keyword: 'type' },
    { valid: false, text: '{"name":"a","born":"2000"}', needs_format: true },
    // Said to be wrong here, so that a wrong verdict is reported.
    { valid: false, text: '{"name":"a"}', failed_keyword: 'none' },
    { valid: true, text: '{}' },
  ],
};
const hopeless: SchemaCase = {
  id: 'hopeless',
  validator: 'Draft7Validator',
  schema: { $ref: 'https://example.com/elsewhere' },
  tests: [],
};

describe('checkCase', () => {
  it('finds verdicts that are wrong', () => {
    const { accepted, wrong, refused } = checkCase(person);
    expect(refused).toBeUndefined();
    expect(accepted).toEqual([true, false, false, true, false]);
    expect(wrong).toEqual([
      { instance: 3, kind: 'invalid accepted', failedKeyword: 'none' },
      { instance: 4, kind: 'valid rejected', failedKeyword: undefined },
    ]);
  });

  it('says why a schema was refused', () => {
    expect(checkCase(hopeless).refused).toMatch(/elsewhere/);
  });
});

describe('formatSchemaReport', () => {
  it('counts verdicts beside those of the peers', () => {
    const text = formatSchemaReport({
      checked: [checkCase(person), checkCase(hopeless)],
      peers: [
        {
          id: 'person',
          engines: { other: { compiled: true, accepts: [true, false, true, false, true] } },
        },
        { id: 'hopeless', engines: { other: { compiled: false } } },
        { id: 'unknown', engines: { other: { compiled: true, accepts: [true] } } },
      ],
      times: { masks: [1, 2, 3], checks: [] },
      masks: undefined,
      generated: [],
    });
    expect(text).toContain('| pliant | 1 | 1 | 0 | 1 | 1 | 0 |');
    expect(text).toContain('| other | 1 | 1 | 1 | 0 | 1 | 1 |');
    expect(text).toContain('- person, instance 4: valid rejected');
    expect(text).toContain('| mask, CPU ms | 3 | 2.000 | 2.000 | 3.000 | 3.000 |');
  });
});

describe('readCaseSet', () => {
  it('reads a folder with or without the other files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'schemas-'));
    try {
      const withText = { ...person, schema_text: '{"type": "null"}' };
      writeFileSync(join(folder, 'schemas.json'), JSON.stringify([withText]));
      const set = readCaseSet(folder);
      expect(set.cases.map(schemaOf)).toEqual([{ type: 'null' }]);
      expect(set.peers).toEqual([]);
      expect(set.oracle).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('placeAfter', () => {
  it.each([
    ['', 'before the value'],
    ['{', 'between'],
    ['{"a', 'name'],
    ['{"a":', 'between'],
    ['{"a":"b', 'string'],
    ['{"a":["b', 'string'],
    ['{"a":["b\\"', 'string'],
    ['{"a":[{"', 'name'],
    ['{"a":[{}],"', 'name'],
    ['[1', 'number'],
    ['[-1.5e', 'number'],
    ['{"a":true', 'between'],
    ['{"a":1}', 'after the value'],
  ])('%s', (text, place) => expect(placeAfter(text)).toBe(place));
});

describe('independentValidator', () => {
  it('knows the drafts and asserts formats where asked', () => {
    expect(independentValidator(person, 'ignored')(JSON.parse(person.tests[2].text))).toBe(true);
    expect(independentValidator(person, 'asserted')(JSON.parse(person.tests[2].text))).toBe(false);
    const exclusive = { minimum: 1, exclusiveMinimum: true };
    const draft4 = { ...person, validator: 'Draft4Validator', schema: exclusive };
    expect(independentValidator(draft4, 'ignored')(1)).toBe(false);
    const draft6 = { ...person, validator: 'Draft6Validator', schema: { const: 1 } };
    expect(independentValidator(draft6, 'ignored')(2)).toBe(false);
  });
});
