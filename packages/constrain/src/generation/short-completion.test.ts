import { describe, expect, it } from 'vitest';
import { predicate } from '../constraints/predicate.js';
import { regex } from '../constraints/regex.js';
import { accepts } from '../contract/accepts.js';
import type { Constraint } from '../contract/constraint.js';
import { shortCompletion } from './short-completion.js';

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

function completion<State, Value>(constraint: Constraint<State, Value>, begun: string) {
  const start = constraint.start()!;
  const state = begun === '' ? start : constraint.advance(start, Buffer.from(begun))!;
  return text(shortCompletion(constraint, state));
}

describe('shortCompletion', () => {
  it.each([
    [/\{"name": "[^"]*", "tags": \[("[^"]*"(, "[^"]*")*)?\]\}/, '{"name": "Al', '", "tags": []}'],
    [/(?:\([a-z]*\))+/, '(ab', ')'],
    [/[a-z]+/, 'ab', ''],
    [/\d{4}-\d{2}/, '20', '00-00'],
    [/"(?:[^"\\]|\\.)*"/, '"a\\', null],
    [/€{3}/, '€', '€€'],
  ])('%s after %j', (pattern, begun, expected) => {
    const found = completion(regex(pattern), begun);
    if (expected !== null) expect(found).toBe(expected);
    expect(accepts(regex(pattern), begun + found)).toBe(true);
  });

  it('takes what the constraint knows', () => {
    const known = { ...regex(/a{50}/), completion: () => Uint8Array.of(0x62) };
    expect(completion(known, 'a')).toBe('b');
  });

  it('gives up after bounded work, and on answers that come later', () => {
    let asked = 0;
    const endless = predicate(() => true, { prefix: () => asked++ >= 0 });
    const never = { ...endless, canEnd: () => false };
    expect(completion(never, '')).toBeUndefined();
    expect(asked).toBeLessThan(25_000);
    const later = predicate(async () => true);
    expect(shortCompletion(later, later.start()!)).toBeUndefined();
  });
});
