import { InvalidOptionsError } from '@pliant/core';
import { describe, expect, it, vi } from 'vitest';
import { predicate } from './predicate.js';

const utf8 = new TextEncoder();
type Predicate = ReturnType<typeof predicate>;
type State = { readonly text: string };

/** States along the pieces; undefined once refused. */
function after(constraint: Predicate, ...pieces: (string | number[])[]): State | undefined {
  let state = constraint.start();
  for (const piece of pieces) {
    const bytes = typeof piece === 'string' ? utf8.encode(piece) : Uint8Array.from(piece);
    const next = state && constraint.advance(state, bytes);
    if (next instanceof Promise) throw new Error('answered later');
    state = next;
  }
  return state as State | undefined;
}

describe('predicate', () => {
  it('asks one function about unfinished and finished texts', () => {
    const constraint = predicate(
      (text, { complete }) => !/\d/.test(text) && (!complete || text.endsWith('.')),
    );
    expect(after(constraint, 'a', '1')).toBeUndefined();
    expect(constraint.canEnd(after(constraint, 'a', 'b')!)).toBe(false);
    expect(constraint.canEnd(after(constraint, 'a', 'b.')!)).toBe(true);
    expect(constraint.canEnd(constraint.start()!)).toBe(false);
  });

  it('asks two functions, each its own question', () => {
    const ends = vi.fn((text: string) => text.endsWith('.'));
    const prefix = vi.fn((text: string) => !/\d/.test(text));
    const constraint = predicate(ends, { prefix });
    const state = after(constraint, 'ab', '.')!;
    expect(ends).not.toHaveBeenCalled();
    expect(prefix.mock.calls.map(([text]) => text)).toEqual(['ab', 'ab.']);
    expect(constraint.canEnd(state)).toBe(true);
    expect(ends.mock.calls).toEqual([['ab.', { complete: true, halfCharacter: false }]]);
    expect(after(constraint, 'ab', '1')).toBeUndefined();
  });

  it('calls once for each piece that is tried', () => {
    const check = vi.fn(() => true);
    after(predicate(check), 'a', [0xf0, 0x9f], [0x98], [0x80, 0x62]);
    expect(check.mock.calls).toEqual([
      ['a', { complete: false, halfCharacter: false }],
      ['a', { complete: false, halfCharacter: true }],
      ['a', { complete: false, halfCharacter: true }],
      ['a😀b', { complete: false, halfCharacter: false }],
    ]);
  });

  it('shows a character once it is whole, and never ends inside of one', () => {
    const constraint = predicate((text) => text === '' || text === '€');
    const half = after(constraint, [0xe2, 0x82])!;
    expect(half.text).toBe('');
    expect(constraint.canEnd(half)).toBe(false);
    expect(constraint.canEnd(after(constraint, [0xe2, 0x82], [0xac])!)).toBe(true);
    expect(after(constraint, [0xe2, 0x82], [0xad])).toBeUndefined();
  });

  it('lets a rule refuse to begin a character it cannot finish', () => {
    const constraint = predicate((text, { halfCharacter }) => !halfCharacter && /^\w*$/.test(text));
    expect(after(constraint, 'a', [0xf0])).toBeUndefined();
    expect(after(constraint, 'a', 'b')?.text).toBe('ab');
  });

  it.each([
    [[0x80]],
    [[0x61, 0xff]],
    [[0xc3, 0x61]],
    [[0xf0, 0x9f, 0x61]],
    [[0xe2, 0x82, 0xc3, 0xa9]],
    [[0xef, 0xbb, 0xbf]],
  ])('shows the text that decoding at once gives: %j', (bytes) => {
    const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
    const constraint = predicate(() => true);
    expect(after(constraint, bytes)?.text).toBe(whole);
    expect(after(constraint, ...bytes.map((byte) => [byte]))?.text).toBe(whole);
  });

  it('keeps earlier states as they are', () => {
    const constraint = predicate(() => true);
    const first = after(constraint, 'a', [0xe2])!;
    constraint.advance(first, Uint8Array.of(0x82, 0xac));
    constraint.advance(first, Uint8Array.of(0x41));
    expect(constraint.advance(first, Uint8Array.of(0x82, 0xac))).toMatchObject({ text: 'a€' });
  });

  it('refuses answers that are neither true nor false', () => {
    const asks = (answer: unknown) => predicate((() => answer) as () => boolean);
    expect(() => after(asks(undefined), 'a')).toThrow('returned undefined');
    expect(() => asks(1).canEnd({ text: '', pending: new Uint8Array(0) })).toThrow('returned 1');
  });

  it('refuses wrong options', () => {
    expect(() => predicate('x' as never)).toThrow(InvalidOptionsError);
    expect(() => predicate(() => true, { prefix: 3 as never })).toThrow("option 'prefix'");
    expect(() => predicate(() => true, { prefixes: () => true } as never)).toThrow('prefixes');
  });

  it('has a name for messages', () => {
    expect(
      predicate(function noDigits() {
        return true;
      }).name,
    ).toBe('predicate noDigits');
    expect(predicate(() => true).name).toBe('predicate without a name');
  });
});
