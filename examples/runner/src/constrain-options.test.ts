import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accepts } from '@pliant/constrain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { constrainOptions } from './constrain-options.js';
import { UsageError } from './usage-error.js';

describe('constrainOptions', () => {
  let folder: string;
  const file = (name: string) => join(folder, name);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pliant-runner-'));
    writeFileSync(file('schema.json'), '{ "type": "integer", "minimum": 3 }');
    writeFileSync(file('sum.gbnf'), 'root ::= [0-9] ("+" [0-9])*');
    writeFileSync(file('broken.json'), '{');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each<[Record<string, unknown>, string, string]>([
    [{}, 'It rained.', 'it rained'],
    [{ regex: '[0-9]{2}' }, '42', '4'],
    [{ choice: ['yes', 'no'] }, 'no', 'maybe'],
    [{ schema: { type: 'boolean' } }, 'true', '1'],
    [{ schema: 'schema.json' }, '3', '2'],
    [{ grammar: 'sum.gbnf' }, '1+2', '1+'],
  ])('makes a constraint of %j', (given, right, wrong) => {
    const inFolder = Object.fromEntries(
      Object.entries(given).map(([name, value]) =>
        name !== 'regex' && typeof value === 'string' ? [name, file(value)] : [name, value],
      ),
    );
    const [constraint, options] = constrainOptions(inFolder);
    expect(accepts(constraint, right)).toBe(true);
    expect(accepts(constraint, wrong)).toBe(false);
    expect(options).toEqual({});
  });

  it('leaves the other options to constrain', () => {
    expect(constrainOptions({ regex: 'a', sampler: 'mask' })[1]).toEqual({ sampler: 'mask' });
  });

  it('refuses two kinds, and files that cannot be read', () => {
    expect(() => constrainOptions({ regex: 'a', choice: ['a'] })).toThrow('not regex and choice');
    expect(() => constrainOptions({ schema: file('broken.json') })).toThrow(UsageError);
    expect(() => constrainOptions({ grammar: file('none.gbnf') })).toThrow('none.gbnf');
    expect(() => constrainOptions({ regex: '(' })).toThrow('constrain.regex');
  });
});
