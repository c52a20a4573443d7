import { accepts, type Constraint } from '@pliant/constrain';
import { describe, expect, it } from 'vitest';
import { PresetError } from '../preset-error.js';
import { constrainArguments, constrainEntry } from './constrain.js';

const decoder = { draft: () => expect.fail('constrain needs no draft') };
const withDefaults = (given: object) => ({
  ...constrainEntry.defaults({ ...given }, decoder),
  ...given,
});

describe('constrainEntry', () => {
  it.each<[Record<string, unknown>, string, string]>([
    [{}, 'It rained.', 'it rained'],
    [{ regex: '[0-9]{2}' }, '42', '4'],
    [{ choice: ['yes', 'no'] }, 'no', 'maybe'],
    [{ schema: { type: 'boolean' } }, 'true', '1'],
    [{ grammar: 'root ::= [0-9] ("+" [0-9])*' }, '1+2', '1+'],
  ])('makes a constraint of %j', (given, right, wrong) => {
    const [constraint, options] = constrainArguments(withDefaults(given));
    expect(accepts(constraint as Constraint, right)).toBe(true);
    expect(accepts(constraint as Constraint, wrong)).toBe(false);
    expect(options).toEqual({});
    expect(constrainEntry.options.safeParse(given).success).toBe(true);
  });

  it('leaves the other options to constrain', () => {
    expect(constrainArguments({ regex: 'a', sampler: 'mask' })[1]).toEqual({ sampler: 'mask' });
  });

  it('refuses two kinds, and a pattern that is none', () => {
    const make = (options: object) => () => constrainArguments({ ...options });
    expect(make({ regex: 'a', choice: ['a'] })).toThrow(
      'constrain takes one of choice, grammar, regex, schema, not regex and choice',
    );
    expect(make({ regex: 'a', choice: ['a'] })).toThrow(PresetError);
    expect(make({ regex: '(' })).toThrow('constrain.regex: Invalid regular expression');
  });

  it.each([
    { regex: 'a', choice: ['a'] },
    { regex: '(' },
    { choice: [] },
    { regex: 'a', sampler: 'beam' },
    { regex: 'a', sample: 'mask' },
  ])('has a schema that refuses %j too', (options) => {
    expect(constrainEntry.options.safeParse(options).success).toBe(false);
    expect(() => constrainEntry.make(options, decoder)).toThrow();
  });
});
