import { InvalidOptionsError } from '@pliant/core';
import { expect, test } from 'vitest';
import { encodedPrompt } from '../policies/policies.test.support.js';
import { snapKV } from '../policies/snap-kv.js';
import { type ProtectRowsOptions, protectRows } from './protect-rows.js';

/** 20 tokens: a system message, a user's and a marked one, each behind a header of one token. */
const prompt = encodedPrompt(20, [
  { from: 6, to: 8, role: 'system', keep: 'may-drop' },
  { from: 9, to: 12, role: 'user', keep: 'may-drop' },
  { from: 13, to: 16, role: 'user', keep: 'always' },
]);
const none = { first: 0, roles: [], marked: false, template: false };
const protectedBy = (options: ProtectRowsOptions, position = 0) => {
  const policy = protectRows(snapKV(), { ...none, ...options });
  return {
    always: [...policy.protect!(prompt, position, 100)].sort((a, b) => a - b),
    newest: policy.protectNewest!(prompt, position),
  };
};

const around = [0, 1, 2, 3, 4, 5, 8, 12, 16, 17, 18, 19];
test.each<[ProtectRowsOptions, { always?: number[]; newest?: number[] }]>([
  [{}, {}],
  [{ first: 3 }, { always: [0, 1, 2] }],
  [{ roles: ['system', 'tool'] }, { always: [6, 7] }],
  [{ marked: true }, { always: [13, 14, 15] }],
  [{ template: true }, { newest: around }],
])('%j', (options, expected) => {
  expect(protectedBy(options)).toEqual({ always: [], newest: [], ...expected });
});

test('by default all of these', () => {
  const { protect, protectNewest } = protectRows(snapKV());
  expect(protect!(prompt, 0, 100)).toEqual([0, 1, 2, 3, 6, 7, 13, 14, 15]);
  expect(protectNewest!(prompt, 0)).toEqual(around);
});

test('of the first rows no more are listed than tell that they do not fit', () => {
  const { protect } = protectRows(snapKV(), { ...none, first: 1e9 });
  expect(protect!(prompt, 0, 40)).toHaveLength(41);
});

test('in a later turn the first rows are those of the sequence, the others of the turn', () => {
  expect(protectedBy({ first: 2, roles: ['system'] }, 100).always).toEqual([0, 1, 106, 107]);
  expect(protectedBy({ template: true }, 100).newest).toEqual(around.map((row) => 100 + row));
});

test('a prompt without messages has no template', () => {
  const ids = encodedPrompt(20, []);
  expect(protectRows(snapKV()).protect!(ids, 0, 100)).toEqual([0, 1, 2, 3]);
  expect(protectRows(snapKV()).protectNewest!(ids, 0)).toEqual([]);
});

test('nested, both protect', () => {
  const policy = protectRows(protectRows(snapKV(), { ...none, first: 2 }), {
    ...none,
    marked: true,
  });
  expect(policy.protect!(prompt, 0, 100)).toEqual([13, 14, 15, 0, 1]);
  expect(policy.name).toBe('protectRows(protectRows(snapKV))');
});

test('wrong options are refused', () => {
  expect(() => protectRows(snapKV(), { first: -1 })).toThrow(InvalidOptionsError);
  // @ts-expect-error: no such option
  expect(() => protectRows(snapKV(), { header: true })).toThrow('Unrecognized key');
});
