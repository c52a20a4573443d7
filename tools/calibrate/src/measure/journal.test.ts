import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InvalidOptionsError } from '@pliant/core';
import { expect, it } from 'vitest';
import { Journal, type JournalSetting } from './journal.js';

const setting: JournalSetting = {
  format: 'pliant-calibration-journal',
  version: 1,
  fingerprint: 'f',
  tokens: 8,
};
const newFile = () => path.join(mkdtempSync(path.join(tmpdir(), 'journal-')), 'state.jsonl');

it('knows what it was told, also when it is opened again, but for a line that was cut short', () => {
  const file = newFile();
  Journal.open(file, setting).put('a', { kl: 1 });
  appendFileSync(file, '["b",{"kl":2');
  const journal = Journal.open(file, setting);
  expect(journal.get('a')).toEqual({ kl: 1 });
  expect(journal.get('b')).toBeUndefined();
  journal.put('b', { kl: 3 });
  expect(Journal.open(file, setting).get('b')).toEqual({ kl: 3 });
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
});

it('refuses what was measured on other weights or otherwise', () => {
  const file = newFile();
  Journal.open(file, setting);
  for (const other of [
    { ...setting, fingerprint: 'g' },
    { ...setting, tokens: 9 },
  ])
    expect(() => Journal.open(file, other)).toThrow(InvalidOptionsError);
});
