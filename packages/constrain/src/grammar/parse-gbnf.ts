import { charSet, complement, everything } from '../regex/syntax/char-set.js';
import {
  alternatives,
  type Expression,
  literal,
  type Rules,
  repeat,
  sequence,
} from './rules/expression.js';
import { RuleTable } from './rules/rule-table.js';
import { SourceReader } from './rules/source-reader.js';

const space = /(?:[ \t]|#[^\r\n]*)*/y;
const spaceAndLines = /(?:[ \t\r\n]|#[^\r\n]*)*/y;
const name = /[A-Za-z0-9_-]+/y;
const escapes: { readonly [letter: string]: number } = { t: 9, r: 13, n: 10 };
const hexDigits: { readonly [letter: string]: RegExp } = {
  x: /[0-9A-Fa-f]{2}/y,
  u: /[0-9A-Fa-f]{4}/y,
  U: /[0-9A-Fa-f]{8}/y,
};

/**
 * Reads a grammar in GBNF, the notation of llama.cpp. More is allowed than there: left recursion,
 * and a line that begins with `|`.
 * @throws GrammarError
 */
export function parseGbnf(source: string, start: string): Rules {
  return new GbnfParser(source).parse(start);
}

class GbnfParser {
  readonly #reader: SourceReader;
  readonly #rules: RuleTable;

  constructor(source: string) {
    this.#reader = new SourceReader(source);
    this.#rules = new RuleTable(this.#reader);
  }

  parse(start: string): Rules {
    const reader = this.#reader;
    reader.match(spaceAndLines);
    while (!reader.done) {
      const position = reader.at;
      const ruleName = reader.match(name)?.[0];
      if (!ruleName) reader.fail(`the name of a rule expected, found ${reader.found()}`);
      reader.match(space);
      reader.expect('::=', "'::='");
      reader.match(spaceAndLines);
      this.#rules.define(ruleName!, position, this.#alternatives(false));
      if (!reader.done && !reader.atLineEdge)
        reader.fail(`the end of the rule expected, found ${reader.found()}`);
      reader.match(spaceAndLines);
    }
    return this.#rules.finish(start);
  }

  /** @param nested in parentheses, where lines may end anywhere */
  #alternatives(nested: boolean): Expression {
    const reader = this.#reader;
    const parts: Expression[] = [];
    do {
      reader.match(spaceAndLines);
      parts.push(this.#sequence(nested));
    } while (reader.takeAfter(spaceAndLines, '|'));
    return alternatives(parts);
  }

  #sequence(nested: boolean): Expression {
    const reader = this.#reader;
    const parts: Expression[] = [];
    for (;;) {
      const part = this.#part();
      if (!part) break;
      reader.match(nested ? spaceAndLines : space);
      parts.push(this.#repeated(part, nested));
    }
    return sequence(parts);
  }

  #part(): Expression | undefined {
    const reader = this.#reader;
    const position = reader.at;
    const ruleName = reader.match(name)?.[0];
    if (ruleName) {
      // The next rule, after one that ends in an empty alternative.
      reader.match(space);
      if (!reader.startsWith('::='))
        return { type: 'rule', rule: this.#rules.id(ruleName, position) };
      reader.at = position;
      return undefined;
    }
    switch (reader.peek()) {
      case '"':
        return this.#string();
      case '[':
        return this.#class();
      case '.':
        reader.at++;
        return { type: 'set', set: everything };
      case '(': {
        reader.at++;
        const inner = reader.nested(() => this.#alternatives(true));
        reader.match(spaceAndLines);
        reader.expect(')', "')'");
        return inner;
      }
      case '<':
      case '!':
        return reader.fail(
          'tokens (<[id]>, <name> and !<...>) are not supported: a grammar is over text. Write the text of the token as a string, or keep control tokens out of the grammar',
        );
      case '*':
      case '+':
      case '?':
      case '{':
        return reader.fail(`'${reader.peek()}' has nothing before it to repeat`);
      default:
        return undefined;
    }
  }

  #repeated(part: Expression, nested: boolean): Expression {
    const reader = this.#reader;
    const spaces = nested ? spaceAndLines : space;
    let repeated = part;
    for (;;) {
      if (reader.take('*')) repeated = repeat(repeated, 0, Number.POSITIVE_INFINITY);
      else if (reader.take('+')) repeated = repeat(repeated, 1, Number.POSITIVE_INFINITY);
      else if (reader.take('?')) repeated = repeat(repeated, 0, 1);
      else if (reader.peek() === '{') repeated = this.#counted(repeated);
      else return repeated;
      reader.match(spaces);
    }
  }

  #counted(part: Expression): Expression {
    const reader = this.#reader;
    const position = reader.at;
    const counts = reader.match(/\{\s*(\d+)\s*(?:(,)\s*(\d*)\s*)?\}/y);
    if (!counts) reader.fail('a count expected: {m}, {m,} or {m,n}');
    const [, least, comma, most] = counts!;
    const min = Number(least);
    const max = comma === undefined ? min : most === '' ? Number.POSITIVE_INFINITY : Number(most);
    if (max < min) reader.fail(`the counts ${least} and ${most} are out of order`, position);
    return repeat(part, min, max);
  }

  #string(): Expression {
    const reader = this.#reader;
    const position = reader.at++;
    const codePoints: number[] = [];
    while (!reader.take('"')) {
      if (reader.done) reader.fail('the string does not end', position);
      codePoints.push(this.#character());
    }
    return literal(codePoints.map((codePoint) => [codePoint, codePoint]));
  }

  #class(): Expression {
    const reader = this.#reader;
    const position = reader.at++;
    const negated = reader.take('^');
    const ranges: [number, number][] = [];
    while (!reader.take(']')) {
      if (reader.done) reader.fail('the character class does not end', position);
      const from = reader.at;
      const first = this.#character();
      let last = first;
      if (reader.peek() === '-' && !reader.startsWith('-]')) {
        reader.at++;
        last = this.#character();
      }
      if (last < first) reader.fail('the range is out of order', from);
      ranges.push([first, last]);
    }
    if (ranges.length === 0)
      reader.fail("the character class is empty. Use '.' for every character", position);
    const set = charSet(ranges);
    return { type: 'set', set: negated ? complement(set) : set };
  }

  #character(): number {
    const reader = this.#reader;
    const position = reader.at;
    if (reader.done) reader.fail('a character expected');
    if (!reader.take('\\')) return reader.codePoint();
    const letter = reader.peek();
    reader.at++;
    if (letter in hexDigits) {
      const digits = reader.match(hexDigits[letter]);
      if (!digits) reader.fail(`hexadecimal digits expected after '\\${letter}'`);
      return reader.check(Number.parseInt(digits![0], 16), position);
    }
    if (letter in escapes) return escapes[letter];
    if ('\\"[]-^'.includes(letter) && letter !== '') return letter.charCodeAt(0);
    return reader.fail(
      `the escape '\\${letter}' is not known (\\\\ \\" \\[ \\] \\- \\^ \\n \\r \\t \\xHH \\uHHHH \\UHHHHHHHH are). Write the character itself`,
      position,
    );
  }
}
