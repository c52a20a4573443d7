import { describe, expect, it } from 'vitest';
import { accepts } from './accepts.js';
import { GrammarError, GrammarLimitError } from './grammar/grammar-error.js';
import { grammar } from './grammar.js';

const size = 50_000;
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
    ['a long count', 'root ::= "a"{0,40000}', 'a'.repeat(40_000), a],
  ])('%s', (_, source, text, wrong) => {
    const constraint = grammar(source);
    expect(accepts(constraint, text)).toBe(true);
    expect(accepts(constraint, wrong)).toBe(false);
  });

  it('reads the same when it has to forget what it knew', () => {
    const constraint = grammar('root ::= "a" root "b" | "x"');
    const depth = 200_000;
    expect(accepts(constraint, `${'a'.repeat(depth)}x${'b'.repeat(depth)}`)).toBe(true);
    expect(accepts(constraint, 'aaxbb')).toBe(true);
    expect(accepts(constraint, 'aaxb')).toBe(false);
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
    expect(() => grammar(source)).toThrow(GrammarError);
    expect(() => grammar(source)).toThrow(/line \d+, column 1: .*larger than 100000 steps/);
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
    const chain = Array.from({ length: 5_000 }, (_, i) => `r${i} ::= r${i + 1} "a"?`).join('\n');
    const constraint = grammar(`root ::= r0\n${chain}\nr5000 ::= "x"`);
    expect(accepts(constraint, 'x')).toBe(true);
    expect(accepts(constraint, 'xaa')).toBe(true);
    const tails = Array.from({ length: 5_000 }, (_, i) => `r${i} ::= "a" r${i + 1} | "b"`).join(
      '\n',
    );
    expect(accepts(grammar(`root ::= r0\n${tails}\nr5000 ::= "x"`), `${'a'.repeat(5_000)}x`)).toBe(
      true,
    );
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
