import { describe, expect, it } from 'vitest';
import { accepts } from '../contract/accepts.js';
import { GrammarError, GrammarLimitError } from '../grammar/rules/grammar-error.js';
import { grammar } from './grammar.js';

// More than the stack has room for, were a rule a call; and what is held for a column may not grow
// with its place: that would be size² / 2 entries, far above the limit of 30 million.
const size = 20_000;
const a = 'a'.repeat(size);

describe('long texts', () => {
  it.each<[name: string, source: string, text: string, wrong: string]>([
    ['left recursion', 'root ::= root "a" | "a"', a, `${a}b`],
    ['right recursion', 'root ::= "a" root | "a"', a, `${a}b`],
    ['right recursion of two rules', 'root ::= "a" b | "a"\nb ::= "a" root', `${a}a`, a],
    [
      'right recursion that also nests',
      'root ::= "a" root | "(" root ")" | "x"',
      `${a}(x)`,
      `${a}(x`,
    ],
    [
      'nested',
      'root ::= "a" root "b" | "x"',
      `${a}x${'b'.repeat(size)}`,
      `${a}x${'b'.repeat(size + 1)}`,
    ],
    [
      'nested lists',
      'root ::= "a" root* "b"',
      `${a}${'b'.repeat(size)}`,
      `${a}${'b'.repeat(size - 1)}`,
    ],
    [
      'a sum',
      'root ::= root "+" t | t\nt ::= t "*" f | f\nf ::= "(" root ")" | "a"',
      `${'a*a+'.repeat(size / 4)}a`,
      `${'a*a+'.repeat(size / 4)}`,
    ],
    ['a long count', 'root ::= "a"{0,12000}', 'a'.repeat(12_000), a],
  ])('%s', (_, source, text, wrong) => {
    const constraint = grammar(source);
    expect(accepts(constraint, text)).toBe(true);
    expect(accepts(constraint, wrong)).toBe(false);
  });

  it('reads the same when it has to forget what it knew', () => {
    const constraint = grammar('root ::= "😀" root "😁" | "x"');
    const depth = 45_000;
    expect(accepts(constraint, `${'😀'.repeat(depth)}x${'😁'.repeat(depth)}`)).toBe(true);
    expect(accepts(constraint, '😀😀x😁😁')).toBe(true);
    expect(accepts(constraint, '😀😀x😁')).toBe(false);
  });
});

describe('ambiguous grammars', () => {
  it.each<[source: string, text: string]>([
    ['root ::= root root | "a"', 'a'.repeat(200)],
    ['root ::= root root root | root root | "a" | ""', 'a'.repeat(100)],
    ['root ::= root "+" root | root "*" root | "(" root ")" | "a"', `${'a+(a)*'.repeat(50)}a`],
    ['root ::= "a" root "a" | "b" root "b" | "c"?', `${'ab'.repeat(200)}c${'ba'.repeat(200)}`],
    ['root ::= "a" root "b" | "a" root | "a"', `${'a'.repeat(300)}${'b'.repeat(200)}`],
    ['root ::= (("a"*)*)*', 'a'.repeat(1000)],
    ['root ::= ("a"?){500} "a"{500}', 'a'.repeat(700)],
  ])('%s', (source, text) => {
    expect(accepts(grammar(source), text)).toBe(true);
  });

  it('ends with an error where too many ways are open', () => {
    const constraint = grammar('root ::= "a" root "b" | "a" root | "a"');
    expect(() => accepts(constraint, 'a'.repeat(1_200))).toThrow(GrammarLimitError);
    expect(accepts(constraint, 'aab')).toBe(true);
  });
});

describe('grammars without bound', () => {
  it.each([
    'root ::= "a"{1000000000}',
    'root ::= "a"{0,1000000000}',
    'root ::= (("a"{1000}){1000}){1000}',
    'root ::= ((a?){99999}){99999}\na ::= "x"',
    `root ::= ${Array.from({ length: 40 }, (_, i) => `r${i}`).join(' ')}\n${Array.from({ length: 40 }, (_, i) => `r${i} ::= [a-z]{0,9999}`).join('\n')}`,
  ])('are refused: %.60s', (source) => {
    const refused = (() => {
      try {
        return grammar(source);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(GrammarError);
    expect(String(refused)).toMatch(/line \d+, column 1: .*larger than 100000 steps/);
  });

  it('write rules out only as far as that is short', () => {
    const doubling = Array.from({ length: 60 }, (_, i) => `r${i} ::= r${i + 1} r${i + 1}`).join(
      '\n',
    );
    const constraint = grammar(`root ::= r55\n${doubling}\nr60 ::= "a"`);
    expect(accepts(constraint, 'a'.repeat(32))).toBe(true);
    expect(accepts(constraint, 'a'.repeat(33))).toBe(false);
  });

  it('read long chains of rules', () => {
    const chain = (length: number, link: (next: string) => string) => {
      const links = Array.from({ length }, (_, i) => `r${i} ::= ${link(`r${i + 1}`)}`);
      return grammar(`root ::= r0\n${links.join('\n')}\nr${length} ::= "x"`);
    };
    const heads = chain(5_000, (next) => `${next} | "b"`);
    expect(accepts(heads, 'x')).toBe(true);
    expect(accepts(heads, 'b')).toBe(true);
    expect(accepts(heads, 'xb')).toBe(false);
    const ends = chain(1_000, (next) => `${next} "a"?`);
    expect(accepts(ends, 'x')).toBe(true);
    expect(accepts(ends, 'xaa')).toBe(true);
    const tails = chain(5_000, (next) => `"a" ${next} | "b"`);
    expect(accepts(tails, `${'a'.repeat(5_000)}x`)).toBe(true);
  });

  it('repeat what is empty', () => {
    expect(accepts(grammar('root ::= (""{1000000000}){1000000000} "a"'), 'a')).toBe(true);
    expect(accepts(grammar('root ::= ("" | "a"?)* "b"'), 'aab')).toBe(true);
  });

  it('derive nothing', () => {
    expect(grammar('root ::= "a" root').start()).toBeUndefined();
    expect(grammar('root ::= "" ').mustEnd!(grammar('root ::= ""').start()!)).toBe(true);
  });
});
