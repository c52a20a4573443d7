import type { Tokenizer } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grammar } from '../../constraints/grammar.js';
import { isInMask, tokenMask } from '../../contract/token-mask.js';
import { tokenTrie } from '../../contract/token-trie.js';

const utf8 = new TextEncoder();
const texts = [''];
for (const text of texts)
  if (text.length < 5) for (const char of ['a', '+', '(', ')']) texts.push(text + char);
const bytes = texts.map((text) => utf8.encode(text));

/**
 * All texts of one to five of four characters: enough of them below each to have masks of their
 * own.
 */
function tokenizerOfAll(): Tokenizer {
  const tokenizer = mockTokenizer();
  return {
    ...tokenizer,
    vocabularySize: texts.length,
    special: new Set<number>([0]),
    endOfText: new Set<number>([0]),
    bytes: (id: number) => bytes[id],
  };
}

describe('masks', () => {
  const trie = tokenTrie(tokenizerOfAll());

  it.each([
    ['a sum', 'root ::= root "+" t | t\nt ::= "(" root ")" | "a"'],
    ['nested rules', 'root ::= x* \nx ::= "(" y ")" | "+"\ny ::= "a"+ z?\nz ::= root "a" | "+" y'],
    ['ambiguous', 'root ::= root root | "(" root ")" | [a+] | ""'],
    [
      'ends of several rules at once',
      'root ::= "(" w ")"\nw ::= w "+" v | v\nv ::= v "a" u | u\nu ::= "a"* | "(" w ")"',
    ],
    ['right recursion', 'root ::= "a" root | "(" root ")" | "+"'],
    ['palindromes', 'root ::= "a" root "a" | "+" root "+" | "(" | ")"?'],
  ])('say of every token what advance says: %s', (_, source) => {
    const constraint = grammar(source);
    const fresh = grammar(source);
    let some = 0;
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (choices) => {
        let text = '';
        let state = constraint.start()!;
        for (const choice of choices) {
          const open = ['a', '+', '(', ')'].filter(
            (char) => constraint.advance(state, utf8.encode(char)) !== undefined,
          );
          if (open.length === 0) break;
          text += open[choice % open.length];
          state = constraint.advance(state, utf8.encode(open[choice % open.length]))!;
        }
        const mask = tokenMask(constraint, state, trie);
        const same =
          text === '' ? fresh.start()! : fresh.advance(fresh.start()!, utf8.encode(text))!;
        const allowed = texts.filter(
          (token, id) => token !== '' && fresh.advance(same, bytes[id]) !== undefined,
        );
        expect(
          texts.filter((_, id) => isInMask(mask, id)),
          text,
        ).toEqual(allowed);
        some += allowed.length;
      }),
      { seed: 5, numRuns: 30 },
    );
    expect(some).toBeGreaterThan(500);
  });
});
