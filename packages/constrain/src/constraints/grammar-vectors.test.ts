import { mockTokenizer } from '@pliant/core/testing';
import { readJson } from '@pliant/fixtures';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepts, isViablePrefix } from '../contract/accepts.js';
import type { Constraint } from '../contract/constraint.js';
import { tokenBytes } from '../contract/token-bytes.js';
import { isInMask, tokenMask } from '../contract/token-mask.js';
import { tokenTrie } from '../contract/token-trie.js';
import { grammar } from './grammar.js';

interface Row {
  readonly id: string;
  readonly gbnf: string;
  readonly lark: string;
  readonly accept: string[];
  readonly reject: { text: string; dead_after: number | null; completion?: string }[];
  readonly incomplete_prefixes: { text: string; completion: string }[];
}
const rows = readJson<Row[]>('vectors/grammars.json');
const forms = rows.flatMap((row) =>
  (['gbnf', 'lark'] as const).map((syntax) => ({ ...row, syntax, source: row[syntax] })),
);
const utf8 = new TextEncoder();

/** Code points after which no completion is left; null when some is. */
function deadAfter(constraint: Constraint, text: string): number | null {
  const codePoints = [...text];
  for (let n = 0; n <= codePoints.length; n++)
    if (!isViablePrefix(constraint, codePoints.slice(0, n).join(''))) return n;
  return null;
}

describe('a set of grammars with accepted, rejected and unfinished strings', () => {
  it('has all of them', () => {
    const count = (of: (row: Row) => unknown[]) =>
      rows.reduce((sum, row) => sum + of(row).length, 0);
    expect(rows).toHaveLength(8);
    expect(count((row) => row.accept)).toBe(43);
    expect(count((row) => row.reject)).toBe(69);
    expect(count((row) => row.incomplete_prefixes)).toBe(76);
  });

  it.each(forms)('$id as $syntax', ({ source, accept, reject, incomplete_prefixes }) => {
    const constraint = grammar(source);
    for (const text of accept) expect(accepts(constraint, text), text).toBe(true);
    for (const { text, dead_after, completion } of reject) {
      expect(accepts(constraint, text), text).toBe(false);
      expect(deadAfter(constraint, text), text).toBe(dead_after);
      if (completion !== undefined) expect(accepts(constraint, text + completion), text).toBe(true);
    }
    for (const { text, completion } of incomplete_prefixes) {
      expect(accepts(constraint, text), text).toBe(false);
      expect(isViablePrefix(constraint, text), text).toBe(true);
      expect(accepts(constraint, text + completion), text).toBe(true);
    }
  });

  it.each(forms)('$id as $syntax, cut into tokens in any way', ({ source, accept }) => {
    const constraint = grammar(source);
    fc.assert(
      fc.property(
        fc.constantFrom(...accept),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
        (text, lengths) => {
          const bytes = utf8.encode(text);
          let state = constraint.start();
          for (let at = 0, turn = 0; at < bytes.length && state !== undefined; turn++) {
            const end = at + lengths[turn % lengths.length];
            state = constraint.advance(state, bytes.subarray(at, end));
            at = end;
          }
          return state !== undefined && constraint.canEnd(state);
        },
      ),
      { seed: 1, numRuns: 30 },
    );
  });

  it.each(forms)('$id as $syntax: masks, forced bytes and ends agree with advance', (row) => {
    const constraint = grammar(row.source);
    const tokenizer = mockTokenizer();
    const trie = tokenTrie(tokenizer);
    const bytesOf = tokenBytes(tokenizer);
    for (const text of row.accept) {
      const bytes = utf8.encode(text);
      for (let length = 0; length <= bytes.length; length++) {
        const start = constraint.start()!;
        const state = length === 0 ? start : constraint.advance(start, bytes.subarray(0, length))!;
        const mask = tokenMask(constraint, state, trie);
        const allowed: number[] = [];
        const masked: number[] = [];
        for (let id = 0; id < tokenizer.vocabularySize; id++) {
          const token = tokenizer.endOfText.has(id) ? undefined : bytesOf(id);
          if (token && constraint.advance(state, token) !== undefined) allowed.push(id);
          if (isInMask(mask, id)) masked.push(id);
        }
        expect(masked, `${text} at ${length}`).toEqual(allowed);
        if (constraint.mustEnd!(state))
          expect([constraint.canEnd(state), allowed]).toEqual([true, []]);
        const forced = constraint.forced!(state);
        if (constraint.canEnd(state)) expect(forced).toHaveLength(0);
        expect(bytes.subarray(length, length + forced.length)).toEqual(forced);
      }
    }
  });

  it('finds the same state where the same may follow', () => {
    const json = grammar(rows.find(({ id }) => id === 'json-subset')!.gbnf);
    const after = (text: string) => json.advance(json.start()!, utf8.encode(text));
    expect(after('[1,[2,"abc')).toBe(after('[1,[2,"abcdé'));
    expect(after('{"a":1,"b":[1,2],"c":')).toBe(after('{"a":1,"b":'));
    expect(after('[[')).not.toBe(after('['));
  });
});
