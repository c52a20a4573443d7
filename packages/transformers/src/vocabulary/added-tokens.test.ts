import { describe, expect, it } from 'vitest';
import { AddedTokens } from './added-tokens.js';

const token = (id: number, content: string, flags: object = {}) => ({ id, content, ...flags });
const none: ReadonlySet<number> = new Set();

/** What a text is split into: texts, and ids of added tokens. */
function split(
  added: AddedTokens,
  text: string,
  ...rest: [ReadonlySet<number>?, { from: number; to: number }[]?]
) {
  return added
    .split(text, rest[0] ?? none, rest[1])
    .map(({ from, to, id }) => id ?? text.slice(from, to));
}

describe('AddedTokens', () => {
  it('takes the longest of those that begin at one place', () => {
    const added = new AddedTokens([token(1, '<a'), token(2, '<a>'), token(3, 'a>b')]);
    expect(split(added, 'x<a>b<a')).toEqual(['x', 2, 'b', 1]);
    expect(split(added, '')).toEqual([]);
  });

  it('takes the blanks beside a token that strips, once', () => {
    const left = new AddedTokens([
      token(1, '<l>', { lstrip: true }),
      token(2, '<r>', { rstrip: true }),
    ]);
    expect(split(left, 'a \n<l> b')).toEqual(['a', 1, ' b']);
    expect(split(left, 'a <r> \u00a0\u0085b')).toEqual(['a ', 2, 'b']);
    expect(split(left, '<r>  <l>')).toEqual([2, 1]);
    expect(split(left, '<r>\ufeff')).toEqual([2, '\ufeff']);
    const blanks = new AddedTokens([
      token(1, '<r>', { rstrip: true }),
      token(2, '\n\n'),
      token(3, '\t\t', { lstrip: true }),
    ]);
    expect(split(blanks, '<r>\n\nx')).toEqual([1, 2, 'x']);
    expect(split(blanks, '<r>\t\tx')).toEqual([1, 'x']);
  });

  it('leaves a token of its own word alone inside of another', () => {
    const added = new AddedTokens([token(1, 'in', { single_word: true })]);
    expect(split(added, 'in within in-out \u{1d400}in')).toEqual([
      1,
      ' within ',
      1,
      '-out \u{1d400}in',
    ]);
  });

  it('reads control tokens that reach into a literal section as text', () => {
    const added = new AddedTokens([token(1, '<c>'), token(2, '<t>')]);
    const control = new Set([1]);
    const literal = [
      { from: 3, to: 4 },
      { from: 11, to: 17 },
    ];
    expect(split(added, '<c><c><c>__<c><t><c>', control, literal)).toEqual([
      1,
      '<c>',
      1,
      '__<c>',
      2,
      1,
    ]);
    expect(split(added, '<c><c>', none, literal)).toEqual([1, 1]);
  });
});
