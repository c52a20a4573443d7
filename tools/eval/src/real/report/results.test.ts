import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidOptionsError } from '@pliant/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RealAnswer, Results } from './results.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'real-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const models = { model: 'm', draft: 'd' };
const answer: RealAnswer = {
  ...models,
  id: 'a-1',
  method: 'bm25',
  keep: 256,
  right: true,
  text: 'Ja.',
  run: 'now',
};

it('are on disk at once, and a later run goes on with them', () => {
  const out = join(folder, 'new');
  new Results(out, models).add(answer);
  const later = new Results(out, models);
  expect(later.answers).toEqual([answer]);
  expect(later.has(answer)).toBe(true);
  expect(later.has({ ...answer, keep: 512 })).toBe(false);
  later.add({ ...answer, keep: 512 });
  expect(readFileSync(join(out, 'answers.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2);
});

it('go on after a line that was cut', () => {
  new Results(folder, models).add(answer);
  appendFileSync(join(folder, 'answers.jsonl'), '{"id":"a-2","meth');
  new Results(folder, models).add({ ...answer, id: 'a-3' });
  expect(new Results(folder, models).answers.map(({ id }) => id)).toEqual(['a-1', 'a-3']);
});

it('of other models are refused', () => {
  new Results(folder, models).add(answer);
  expect(() => new Results(folder, { ...models, draft: 'other' })).toThrow(InvalidOptionsError);
});

it('stay in memory without a folder', () => {
  const results = new Results(undefined, models);
  results.add(answer);
  expect(results.has(answer)).toBe(true);
});
