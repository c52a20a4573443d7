import { describe, expect, it } from 'vitest';
import { predicate } from '../constraints/predicate.js';
import { regex } from '../constraints/regex.js';
import { accepts, isViablePrefix } from './accepts.js';

describe('accepts and isViablePrefix', () => {
  it.each([
    ['', false, true],
    ['2', false, true],
    ['2024', true, true],
    ['20245', false, false],
    ['x', false, false],
  ])('%j of four digits', (text, accepted, viable) => {
    const year = regex(/\d{4}/);
    expect(accepts(year, text)).toBe(accepted);
    expect(isViablePrefix(year, text)).toBe(viable);
  });

  it('takes the empty text, and refuses all where nothing satisfies the constraint', () => {
    expect(accepts(regex(/(?:ab)*/), '')).toBe(true);
    expect(accepts(regex(/[^\s\S]/), '')).toBe(false);
    expect(isViablePrefix(regex(/[^\s\S]/), '')).toBe(false);
  });

  it('works through UTF-8', () => {
    expect(accepts(regex(/[€😀]+/u), '€😀')).toBe(true);
    expect(
      accepts(
        predicate((text) => text.length < 3),
        '😀',
      ),
    ).toBe(true);
  });
});
