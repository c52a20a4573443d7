import { InvalidOptionsError } from '@pliant/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grammar } from '../constraints/grammar.js';
import { accepts } from '../contract/accepts.js';
import { GrammarError } from './rules/grammar-error.js';

function reads(source: string, texts: readonly string[]): string[] {
  const constraint = grammar(source, { syntax: 'gbnf' });
  return texts.filter((text) => accepts(constraint, text));
}

function errorOf(source: string): GrammarError {
  try {
    grammar(source, { syntax: 'gbnf' });
  } catch (error) {
    if (GrammarError.isInstance(error)) return error;
    throw error;
  }
  throw new Error(`read: ${source}`);
}

describe('GBNF', () => {
  it.each<[name: string, source: string, accepted: string[], rejected: string[]]>([
    ['a string', 'root ::= "ab"', ['ab'], ['', 'a', 'abb']],
    ['alternatives', 'root ::= "a" | "b" | ', ['a', 'b', ''], ['ab']],
    ['groups', 'root ::= ("a" | "b") "c"', ['ac', 'bc'], ['a', 'c', 'abc']],
    ['?', 'root ::= "ab"? "c"', ['c', 'abc'], ['ac', 'ababc']],
    ['*', 'root ::= "ab"*', ['', 'ab', 'abab'], ['a', 'aba']],
    ['+', 'root ::= [ab]+', ['a', 'ab'], ['', 'c']],
    ['{m}', 'root ::= "a"{2}', ['aa'], ['a', 'aaa']],
    ['{m,}', 'root ::= "a"{ 2 , }', ['aa', 'aaa'], ['a']],
    ['{m,n}', 'root ::= "a"{1,3}', ['a', 'aa', 'aaa'], ['', 'aaaa']],
    ['{0,n}', 'root ::= "a"{0,2}', ['', 'a', 'aa'], ['aaa']],
    ['{0}', 'root ::= "a"{0} "b"', ['b'], ['ab', '']],
    ['a count of a count', 'root ::= ("a"{2}){2}', ['aaaa'], ['aa', 'aaa']],
    ['a range', 'root ::= [a-c0-1]', ['a', 'c', '0'], ['d', '2', '-']],
    ['a negated class', 'root ::= [^a-c\\n]', ['d', '\t', '😀'], ['a', '\n', '']],
    ['- at the end of a class', 'root ::= [a-]', ['a', '-'], ['b']],
    ['- at its beginning', 'root ::= [-+*/]', ['-', '+', '/'], [',']],
    [
      'escapes in a class',
      'root ::= [\\]\\[\\\\\\x41\\u00e9]',
      [']', '[', '\\', 'A', 'é'],
      ['x', '^'],
    ],
    [
      'escapes in a string',
      'root ::= "\\"\\n\\t\\r\\\\\\x41\\u00E9\\U0001F600"',
      ['"\n\t\r\\Aé😀'],
      [],
    ],
    ['characters as they are', 'root ::= "é😀" [ぁ-ゟ]', ['é😀あ'], ['é😀a']],
    ['any character', 'root ::= .', ['a', '\n', '😀'], ['', 'ab']],
    ['names with dashes', 'root ::= a-b_1\na-b_1 ::= "x"', ['x'], ['a-b']],
    ['upper case', 'root ::= Value\nValue ::= "x"', ['x'], []],
    ['comments', '# first\nroot ::= "a" # last\n  # own line\n\nb ::= "#"', ['a'], ['a ']],
    ['lines within parentheses', 'root ::= (\n  # one\n  "a"\n  "b"\n) "c"', ['abc'], ['ab']],
    ['a line after a bar', 'root ::= "a" |\n  "b"', ['a', 'b'], []],
    ['a bar on the next line', 'root ::= "a"\n  | "b"\n', ['a', 'b'], []],
    ['the body on the next line', 'root ::=\n  "a"', ['a'], []],
    ['an empty body', 'root ::=\nb ::= "x"', [''], ['x']],
    ['windows lines', 'root ::= a\r\na ::= "x"\r\n', ['x'], []],
    ['a repeated rule with spaces', 'root ::= ( a ) *\na ::= "x" +', ['', 'xxx'], ['y']],
    ['left recursion', 'root ::= root "+" [0-9] | [0-9]', ['1', '1+2+3'], ['+', '1+']],
    [
      'hidden left recursion',
      'root ::= a root "x" | "y"\na ::= "z"?',
      ['y', 'yx', 'zyx', 'zyxx'],
      ['x', 'zy'],
    ],
    ['rules of each other', 'root ::= a\na ::= root | "x"', ['x'], ['', 'xx']],
  ])('%s', (_, source, accepted, rejected) => {
    expect(reads(source, [...accepted, ...rejected])).toEqual(accepted);
  });

  it('reads a grammar for chess as the guide of llama.cpp writes it', () => {
    const source = `root ::= (
    # it must start with the characters "1. "
    "1. " move " " move "\\n"
    ([1-9] [0-9]? ". " move " " move "\\n")+
)
move ::= (pawn | nonpawn | castle) [+#]?
nonpawn ::= [NBKQR] [a-h]? [1-8]? "x"? [a-h] [1-8]
pawn    ::= ([a-h] "x")? [a-h] [1-8] ("=" [NBKQR])?
castle  ::= "O-O" "-O"?`;
    expect(
      reads(source, [
        '1. e4 e5\n2. Nf3 Nc6\n3. O-O exd4+\n',
        '1. e4 e5\n',
        '1. e4 e5\n2. Nf3 Nc9\n',
      ]),
    ).toEqual(['1. e4 e5\n2. Nf3 Nc6\n3. O-O exd4+\n']);
  });

  it.each<[source: string, line: number, column: number, reason: RegExp]>([
    ['root ::= "a', 1, 10, /string does not end/],
    ['root ::= [a', 1, 10, /class does not end/],
    ['root ::= []', 1, 10, /class is empty/],
    ['root ::= [b-a]', 1, 11, /out of order/],
    ['root ::= "\\d"', 1, 11, /escape '\\d' is not known/],
    ['root ::= "\\x1"', 1, 13, /hexadecimal/],
    ['root ::= "\\uD83D\\uDE00"', 1, 11, /surrogate.*U0001F600/],
    ['root ::= "\\U00110000"', 1, 11, /U\+10FFFF/],
    ['root ::= ("a"\nb ::= "c"', 2, 1, /'\)' expected/],
    ['root ::= "a" )', 1, 14, /end of the rule expected, found '\)'/],
    ['root ::= * "a"', 1, 10, /'\*' has nothing before it/],
    ['root ::= "a"{2,1}', 1, 13, /out of order/],
    ['root ::= "a"{x}', 1, 13, /count expected/],
    ['root = "a"', 1, 6, /'::=' expected, found '='/],
    ['::= "a"', 1, 1, /name of a rule expected/],
    ['root ::= a\n\nb ::= "x"', 1, 10, /no rule 'a'/],
    ['other ::= "x"', 1, 1, /no rule 'root' to begin with.*'start'/],
    ['root ::= "a"\nroot ::= "b"', 2, 1, /defined twice.*'\|'/],
    ['root ::= <[1000]>', 1, 10, /tokens.*not supported/],
    ['root ::= "é" !</think>*', 1, 14, /tokens.*not supported/],
  ])('refuses %j', (source, line, column, reason) => {
    const error = errorOf(source);
    expect([error.line, error.column]).toEqual([line, column]);
    expect(error.message).toMatch(reason);
    expect(error.message).toContain(`line ${line}, column ${column}`);
  });

  it('refuses nesting without bound', () => {
    expect(errorOf(`root ::= ${'('.repeat(1e5)}`).message).toContain('nested deeper than 100');
    expect(errorOf(`root ::= "${'a'.repeat(1_000_001)}"`).message).toContain('longer than 1000000');
  });

  it('begins with the rule that the option names', () => {
    expect(accepts(grammar('root ::= "a"\nb ::= "b"', { start: 'b' }), 'b')).toBe(true);
    expect(() => grammar('root ::= "a"', { start: 'x' })).toThrow("no rule 'x' to begin with");
    expect(grammar('root ::= "a"').name).toBe("grammar gbnf 'root'");
  });

  it('refuses options that are wrong', () => {
    expect(() => grammar('root ::= "a"', { syntax: 'ebnf' as 'gbnf' })).toThrow(
      InvalidOptionsError,
    );
    expect(() => grammar('root ::= "a"', { begin: 'a' } as object)).toThrow(InvalidOptionsError);
    expect(() => grammar(1 as unknown as string)).toThrow(/is the text of a grammar/);
  });

  it('reads anything or says what is wrong', () => {
    const pieces = fc.constantFrom(
      ...['root', ' ', '::=', '\n', '"', 'a', '[', ']', '^', '-', '(', ')', '|', '*', '+', '?'],
      ...['{', '}', '1', ',', '9999999999', '\\', '\\x41', '\\u', '#', '.', '<', '😀', 'root ::= '],
    );
    let read = 0;
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        try {
          const constraint = grammar(`root ::= ${parts.join('')}`, { syntax: 'gbnf' });
          accepts(constraint, 'aa1');
          read++;
        } catch (error) {
          if (!GrammarError.isInstance(error)) throw error;
        }
      }),
      { seed: 3, numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(30);
  });
});
