import { mockDecoder } from '@pliant/core/testing';
import { policies } from '@pliant/kv-drop';
import { describe, expect, it } from 'vitest';
import { PresetError } from '../preset-error.js';
import { makeMiddleware } from '../registry.js';
import { kvDropEntry } from './kv-drop.js';

const make = (options: object) => () => makeMiddleware('kv-drop', { ...options }, mockDecoder());
const isAccepted = (options: object) => kvDropEntry.options.safeParse(options).success;

describe('kvDropEntry', () => {
  it.each(Object.keys(policies))('makes %s by its name, alone and with options', (name) => {
    for (const options of [{ policy: name }, { policy: { name, protectRows: {} } }]) {
      expect(make(options)).not.toThrow();
      expect(isAccepted(options)).toBe(true);
    }
  });

  it('keeps 160 rows by snapKV unless told otherwise', () => {
    expect(kvDropEntry.defaults({}, mockDecoder())).toEqual({ policy: 'snapKV', budget: 160 });
    // 160 rows are too few for this window, 48 for the default one are not.
    expect(make({ policy: { window: 160 } })).toThrow('budget');
    expect(make({ budget: 48 })).not.toThrow();
  });

  it('writes a look-ahead of 16 tokens with specKV, which options change', () => {
    const needs = (policy: unknown) => make({ policy })().requires;
    expect(needs('specKV')).toEqual(needs({ name: 'specKV', lookahead: 16 }));
    expect(make({ policy: { name: 'specKV', lookahead: 0 } })).not.toThrow();
  });

  it('puts wrappers around the policy, the last outermost', () => {
    const policy = {
      name: 'snapKV',
      window: 8,
      chunked: { size: 4 },
      protectRows: { roles: ['system'] },
    };
    expect(make({ policy, budget: 64 })).not.toThrow();
    expect(make({ policy: { chunked: { size: 0 } } })).toThrow("chunked: option 'size'");
  });

  it.each<[unknown, string]>([
    ['best', "kv-drop.policy 'best' is not a policy; there are expectedAttention, h2o, "],
    ['toString', "kv-drop.policy 'toString' is not a policy"],
    [null, "kv-drop.policy 'null' is not a policy"],
    [{ name: 'knorm', window: 8 }, "kv-drop.policy knorm has no option 'window'"],
  ])('refuses %j', (policy, message) => {
    expect(make({ policy })).toThrow(PresetError);
    expect(make({ policy })).toThrow(message);
  });

  it.each([
    [{ every: 0 }, "kv-drop: option 'every'"],
    [{ positions: 'new' }, "kv-drop: option 'positions'"],
    [
      { budgets: 3 },
      'Unrecognized key: "budgets"; the options are policy, budget, every, betweenChunks, positions',
    ],
  ])('refuses %j as kvDrop does, and so does the schema', (options, message) => {
    expect(make(options)).toThrow(message);
    expect(isAccepted(options)).toBe(false);
  });
});
