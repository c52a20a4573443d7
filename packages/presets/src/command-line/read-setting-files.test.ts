import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PresetError } from '../preset-error.js';
import { readSettingFiles } from './read-setting-files.js';

describe('readSettingFiles', () => {
  let folder: string;
  const file = (name: string) => join(folder, name);
  const read = (constrain: Record<string, unknown>) => readSettingFiles({ constrain }).constrain;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pliant-presets-'));
    writeFileSync(file('schema.json'), '{ "type": "integer", "minimum": 3 }');
    writeFileSync(file('sum.gbnf'), 'root ::= [0-9]');
    writeFileSync(file('broken.json'), '{');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('puts contents in the place of names, and leaves all else alone', () => {
    expect(read({ schema: file('schema.json') })).toEqual({
      schema: { type: 'integer', minimum: 3 },
    });
    expect(read({ grammar: file('sum.gbnf'), sampler: 'mask' })).toEqual({
      grammar: 'root ::= [0-9]',
      sampler: 'mask',
    });
    const others = { constrain: { schema: { type: 'boolean' } }, 'kv-drop': { budget: 3 } };
    expect(readSettingFiles(others)).toEqual(others);
    expect(readSettingFiles({})).toEqual({});
  });

  it('refuses files that cannot be read', () => {
    expect(() => read({ schema: file('broken.json') })).toThrow(PresetError);
    expect(() => read({ schema: file('broken.json') })).toThrow('constrain.schema ');
    expect(() => read({ grammar: file('none.gbnf') })).toThrow('none.gbnf');
  });
});
