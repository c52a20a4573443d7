import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepts, isViablePrefix } from '../contract/accepts.js';
import { grammar } from './grammar.js';

type Tree =
  | { type: 'char'; char: string }
  | { type: 'rule'; rule: number }
  | { type: 'all'; parts: Tree[] }
  | { type: 'any'; parts: Tree[] }
  | { type: 'repeat'; part: Tree; min: number; max: number };

const ruleCount = 3;
const longest = 5;
const chars = ['a', 'b', 'é'];
const texts = [''];
for (const text of texts)
  if (text.length < longest) for (const char of chars) texts.push(text + char);

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'tree' },
    fc.record({ type: fc.constant('char' as const), char: fc.constantFrom(...chars) }),
    fc.record({ type: fc.constant('rule' as const), rule: fc.nat(ruleCount - 1) }),
    fc.record({
      type: fc.constant('all' as const),
      parts: fc.array(tie('tree'), { maxLength: 3 }),
    }),
    fc.record({
      type: fc.constant('any' as const),
      parts: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    }),
    fc
      .tuple(
        tie('tree'),
        fc.constantFrom<[number, number]>(
          [0, 1],
          [0, Infinity],
          [1, Infinity],
          [2, 2],
          [0, 2],
          [1, 3],
        ),
      )
      .map(([part, [min, max]]) => ({ type: 'repeat' as const, part, min, max })),
  ),
}));
const rules = fc.array(tree, { minLength: ruleCount, maxLength: ruleCount });

function written(tree: Tree): string {
  switch (tree.type) {
    case 'char':
      return `"${tree.char}"`;
    case 'rule':
      return `r${tree.rule}`;
    case 'all':
      return tree.parts.length === 0 ? '""' : `(${tree.parts.map(written).join(' ')})`;
    case 'any':
      return `(${tree.parts.map(written).join(' | ')})`;
    case 'repeat':
      return `(${written(tree.part)}){${tree.min},${tree.max === Infinity ? '' : tree.max}}`;
  }
}

interface Language {
  /** Texts of at most `longest` characters. */
  texts: Set<string>;
  /** Beginnings of texts of any length, of at most `longest` characters. */
  beginnings: Set<string>;
}

/** All that short texts can be, by enlarging the language of each rule until nothing is added. */
function languages(rules: Tree[]): Language[] {
  const found = rules.map(() => ({ texts: new Set<string>(), beginnings: new Set<string>() }));
  const productive = new Set<number>();
  const isProductive = (tree: Tree): boolean => {
    if (tree.type === 'rule') return productive.has(tree.rule);
    if (tree.type === 'all') return tree.parts.every(isProductive);
    if (tree.type === 'any') return tree.parts.some(isProductive);
    return tree.type === 'char' || tree.min === 0 || isProductive(tree.part);
  };
  for (const _ of rules)
    for (const [index, rule] of rules.entries()) if (isProductive(rule)) productive.add(index);
  const of = (tree: Tree): Language => {
    switch (tree.type) {
      case 'char':
        return { texts: new Set([tree.char]), beginnings: new Set(['', tree.char]) };
      case 'rule':
        return found[tree.rule];
      case 'any': {
        const parts = tree.parts.map(of);
        return {
          texts: new Set(parts.flatMap(({ texts }) => [...texts])),
          beginnings: new Set(parts.flatMap(({ beginnings }) => [...beginnings])),
        };
      }
      case 'all':
        return isProductive(tree) ? chain(tree.parts.map(of)) : nothing();
      case 'repeat': {
        if (!isProductive(tree.part)) return tree.min === 0 ? chain([]) : nothing();
        const part = of(tree.part);
        const all = nothing();
        // Seven copies of a part that may be empty are as good as any number.
        for (let copies = tree.min; copies <= Math.min(tree.max, longest + 1); copies++)
          add(all, chain(new Array(copies).fill(part)));
        return all;
      }
    }
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const [index, rule] of rules.entries()) changed = add(found[index], of(rule)) || changed;
  }
  return found;
}

function nothing(): Language {
  return { texts: new Set(), beginnings: new Set() };
}

function chain(parts: Language[]): Language {
  let before = new Set(['']);
  const beginnings = new Set<string>(parts.length === 0 ? [''] : []);
  for (const part of parts) {
    for (const text of joined(before, part.beginnings)) beginnings.add(text);
    before = joined(before, part.texts);
  }
  return { texts: before, beginnings };
}

function joined(a: Set<string>, b: Set<string>): Set<string> {
  const result = new Set<string>();
  for (const first of a)
    for (const second of b) if (first.length + second.length <= longest) result.add(first + second);
  return result;
}

function add(to: Language, from: Language): boolean {
  const before = to.texts.size + to.beginnings.size;
  for (const text of from.texts) to.texts.add(text);
  for (const text of from.beginnings) to.beginnings.add(text);
  return to.texts.size + to.beginnings.size > before;
}

describe('random grammars against all of their short texts', () => {
  const syntaxes = [
    ['gbnf', '::='],
    ['lark', ':'],
  ] as const;

  it('accept what is derived, keep alive what can become so', () => {
    let alive = 0;
    let derived = 0;
    fc.assert(
      fc.property(rules, (rules) => {
        const [language] = languages(rules);
        derived += language.texts.size;
        alive += language.beginnings.size;
        for (const [syntax, is] of syntaxes) {
          const source = rules.map((rule, index) => `r${index} ${is} ${written(rule)}`).join('\n');
          const constraint = grammar(source, { syntax, start: 'r0' });
          const accepted = texts.filter((text) => accepts(constraint, text));
          const viable = texts.filter((text) => isViablePrefix(constraint, text));
          expect(new Set(accepted), source).toEqual(language.texts);
          expect(new Set(viable), source).toEqual(language.beginnings);
        }
      }),
      { seed: 7, numRuns: 120 },
    );
    expect(alive).toBeGreaterThan(derived);
    expect(derived).toBeGreaterThan(500);
  });
});
