import { InvalidOptionsError } from '@pliant/core';
import { describe, expect, it } from 'vitest';
import { accepts } from '../contract/accepts.js';
import { type ConstraintName, constraints, makeConstraint } from './registry.js';

interface Sample {
  /** As written in JSON. */
  readonly options: object;
  readonly takes: string;
  readonly refuses: string;
  readonly wrong: readonly [options: object, path: string];
}

/** A constraint without a sample does not compile. */
const samples: Readonly<Record<ConstraintName, Sample>> = {
  choice: {
    options: { texts: ['yes', 'no'] },
    takes: 'no',
    refuses: 'n',
    wrong: [{ texts: [] }, 'texts'],
  },
  regex: {
    options: { pattern: '[a-c]+', flags: 'i' },
    takes: 'aBc',
    refuses: 'd',
    wrong: [{ pattern: '(' }, ''],
  },
  grammar: {
    options: { source: 'begin: "a" begin?', start: 'begin' },
    takes: 'aa',
    refuses: 'ab',
    wrong: [{ source: 'start: "a"', syntax: 'ebnf' }, 'syntax'],
  },
  jsonSchema: {
    options: { schema: { type: 'array', items: { type: 'integer' } }, whitespace: 'none' },
    takes: '[1,2]',
    refuses: '[1, 2]',
    wrong: [{ schema: true, maxDepth: 0 }, 'maxDepth'],
  },
};

describe('constraints', () => {
  it.each(Object.keys(constraints) as ConstraintName[])('makes %s of plain JSON', (name) => {
    const { options, takes, refuses } = samples[name];
    const constraint = makeConstraint(name, JSON.parse(JSON.stringify(options)));
    expect(accepts(constraint, takes)).toBe(true);
    expect(accepts(constraint, refuses)).toBe(false);
  });

  it('refuses other names', () => {
    for (const name of ['predicate', 'toString'])
      expect(() => makeConstraint(name as ConstraintName, {})).toThrow(InvalidOptionsError);
  });

  it.each(Object.keys(constraints) as ConstraintName[])('refuses wrong options of %s', (name) => {
    const [wrong, path] = samples[name].wrong;
    for (const [given, at] of [
      [wrong, path],
      [{ ...samples[name].options, other: 1 }, ''],
    ] as const) {
      let error: unknown;
      try {
        makeConstraint(name, given);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect(error).toMatchObject({ where: name, issues: [{ path: at }] });
    }
  });
});
