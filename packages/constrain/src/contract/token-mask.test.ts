import { mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { regex } from '../constraints/regex.js';
import type { Constraint } from './constraint.js';
import { isInMask, tokenMask } from './token-mask.js';
import { tokenTrie } from './token-trie.js';

const tokenizer = mockTokenizer();
const trie = tokenTrie(tokenizer);
const patterns = [
  /(?:a|the|th)+/,
  /[^\n]{0,4}/,
  /\d{4}-\d\d/,
  /(?:😀|é|’s)*x?/u,
  /\{"[a-z ]*":(?:00)+\}/,
  /[\s\S]*/,
];

/** The ids that `advance` takes, each tested whole. */
function checked<State>(constraint: Constraint<State>, state: State): number[] {
  return Array.from({ length: tokenizer.vocabularySize }, (_, id) => id).filter(
    (id) =>
      !tokenizer.special.has(id) && constraint.advance(state, tokenizer.bytes(id)) !== undefined,
  );
}

function masked<State>(constraint: Constraint<State>, state: State): number[] {
  const mask = tokenMask(constraint, state, trie);
  expect(mask).toHaveLength(Math.ceil(tokenizer.vocabularySize / 32));
  return Array.from({ length: mask.length * 32 }, (_, id) => id).filter((id) => isInMask(mask, id));
}

describe('tokenMask', () => {
  it('holds the tokens that pass a check, by the own mask of a constraint and without it', () => {
    const constraints = patterns.map((pattern) => regex(pattern));
    const arbitrary = fc.record({
      constraint: fc.constantFrom(...constraints),
      picks: fc.array(fc.nat(), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ constraint, picks }) => {
        let state = constraint.start()!;
        for (const pick of picks) {
          const ids = checked(constraint, state);
          if (ids.length === 0) break;
          state = constraint.advance(state, tokenizer.bytes(ids[pick % ids.length]))!;
        }
        const expected = checked(constraint, state);
        expect(masked(constraint, state)).toEqual(expected);
        expect(masked({ ...constraint, mask: undefined }, state)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('asks nothing below a refused byte', () => {
    const advance = vi.fn(() => undefined);
    const nothing: Constraint<string> = {
      name: 'nothing',
      start: () => '',
      advance,
      canEnd: () => false,
    };
    expect(masked(nothing, '')).toEqual([]);
    expect(advance).toHaveBeenCalledTimes(256);
  });

  it('asks nothing where the text must end', () => {
    const advance = vi.fn();
    const ended = {
      name: 'ended',
      start: () => '',
      advance,
      canEnd: () => true,
      mustEnd: () => true,
    };
    expect(masked(ended, '')).toEqual([]);
    expect(advance).not.toHaveBeenCalled();
  });

  it('forgets the masks of long ago and makes them anew', () => {
    const large = { ...tokenizer, vocabularySize: 300 };
    const wide = { ...tokenTrie(large), vocabularySize: 32 * 1024 * 1024 };
    const constraint = regex(/a{9}/);
    const states = [constraint.start()!];
    for (let i = 0; i < 8; i++) states.push(constraint.advance(states[i], Uint8Array.of(0x61))!);
    const first = constraint.mask!(states[0], wide);
    expect(constraint.mask!(states[0], wide) === first).toBe(true);
    // 4 MB each: the fifth pushes the first out.
    for (const state of states.slice(1, 5)) constraint.mask!(state, wide);
    const again = constraint.mask!(states[0], wide);
    expect(again === first).toBe(false);
    expect(Buffer.compare(new Uint8Array(again.buffer), new Uint8Array(first.buffer))).toBe(0);
  });
});
