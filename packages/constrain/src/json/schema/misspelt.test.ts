import { describe, expect, it } from 'vitest';
import { keywordOf } from './keywords.js';
import { misspelt } from './misspelt.js';

describe('misspelt', () => {
  it.each([
    ['property', 'properties'],
    ['propertys', 'properties'],
    ['patternProperty', 'patternProperties'],
    ['require', 'required'],
    ['requires', 'required'],
    ['maxLenght', 'maxLength'],
    ['maxlength', 'maxLength'],
    ['minimun', 'minimum'],
    ['Type', 'type'],
    ['types', 'type'],
    ['tpye', 'type'],
    ['emum', undefined],
    ['enmu', 'enum'],
    ['enums', 'enum'],
    ['item', 'items'],
    ['ref', '$ref'],
    ['oneof', 'oneOf'],
    ['anyOff', 'anyOf'],
    ['additionalProperty', 'additionalProperties'],
    ['Not', 'not'],
    ['max_length', 'maxLength'],
    ['any-of', 'anyOf'],
    ['min_lenght', undefined],
    ['required ', 'required'],
    [' minimum', 'minimum'],
    ['items:', 'items'],
    ['@type', undefined],
  ])('%s is meant for %s', (name, keyword) => {
    expect(misspelt(name)).toBe(keyword);
  });

  it('leaves words of their own, and all keywords', () => {
    for (const name of ['note', 'id', 'name', 'version', 'self', '_format', 'x-type', 'example'])
      expect(misspelt(name), name).toBeUndefined();
    for (const name of [
      'nullable',
      'discriminator',
      'label',
      'order',
      'unit',
      'in',
      'them',
      'defs',
    ])
      expect(misspelt(name), name).toBeUndefined();
    for (const name of ['maximum', 'minimum', 'items', 'contains', 'dependencies', 'title'])
      expect([keywordOf(name) !== undefined, misspelt(name)]).toEqual([true, undefined]);
  });
});
