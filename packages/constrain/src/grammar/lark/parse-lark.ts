import { TerminalOperations } from '../network/terminal-operations.js';
import { checkTerminals } from '../network/terminals.js';
import {
  alternatives,
  type Expression,
  nothing,
  type Rules,
  repeat,
  sequence,
} from '../rules/expression.js';
import { RuleTable } from '../rules/rule-table.js';
import { SourceReader } from '../rules/source-reader.js';
import { readPattern, readString } from './lark-literals.js';
import { readImport, readSettings } from './lark-statements.js';
import { refuseLark } from './lark-unsupported.js';

const space = /(?:[ \t]|#[^\r\n]*|\/\/[^\r\n]*)*/y;
const spaceAndLines = /(?:[ \t\r\n]|#[^\r\n]*|\/\/[^\r\n]*)*/y;
const symbol = /[!?]*(_*[A-Za-z][A-Za-z0-9_-]*)/y;
const counts = /\{\s*(\d*)\s*(?:(,)\s*(\d*)\s*)?\}|~\s*(\d+)(?:\s*\.\.\s*(\d+))?/y;

/**
 * Reads a grammar in the Lark dialect of llguidance: a language over characters, in which terminals
 * are regular expressions and what is ignored may stand after each of them. No lexer decides where
 * a terminal ends: every way to cut a text into terminals counts.
 * @throws GrammarError
 */
export function parseLark(source: string, start: string): Rules {
  return new LarkParser(source).parse(start);
}

class LarkParser {
  readonly #reader: SourceReader;
  readonly #rules: RuleTable;
  /** Behind each terminal. */
  readonly #ignored: Expression;
  readonly #ignoredRule: number;
  readonly #ignores: Expression[] = [];
  readonly #operations: TerminalOperations;
  #ignoresFirst = false;
  /** Within the definition of a terminal. */
  #inTerminal = false;

  constructor(source: string) {
    this.#reader = new SourceReader(source);
    this.#rules = new RuleTable(this.#reader);
    this.#operations = new TerminalOperations(this.#rules);
    this.#ignoredRule = this.#rules.reserve(0);
    this.#ignored = { type: 'rule', rule: this.#ignoredRule };
  }

  parse(start: string): Rules {
    const reader = this.#reader;
    reader.match(spaceAndLines);
    while (!reader.done) {
      if (reader.peek() === '%') this.#statement();
      else this.#definition();
      reader.match(space);
      if (!reader.done && !reader.atLineEdge)
        reader.fail(`the end of the rule expected, found ${reader.found()}`);
      reader.match(spaceAndLines);
    }
    this.#rules.fill(
      this.#ignoredRule,
      this.#ignores.length === 0 ? nothing : anyNumber(alternatives(this.#ignores)),
    );
    const named = this.#rules.finish(start);
    checkTerminals(named, (rule) =>
      reader.fail(
        `terminal '${rule.name}' is defined by itself. Use a rule, in lower case`,
        rule.position,
      ),
    );
    const rules = this.#operations.resolve(named);
    return this.#ignoresFirst ? this.#withIgnoredFirst(rules) : rules;
  }

  #withIgnoredFirst({ rules, start }: Rules): Rules {
    const first: Expression = { type: 'rule', rule: start };
    const body = sequence([this.#ignored, first]);
    const { name, position } = rules[start];
    return { rules: [...rules, { name, position, body }], start: rules.length };
  }

  #definition(): void {
    const reader = this.#reader;
    const position = reader.at;
    const name = this.#name();
    if (!name) reader.fail(`a rule or a terminal expected, found ${reader.found()}`);
    reader.match(space);
    // Priorities choose among the ways to read a text, which all count here.
    reader.match(/\.\s*-?\d+[ \t]*/y);
    const lazy = reader.peek() === '[' && !isTerminal(name!) ? this.#attributes() : undefined;
    refuseLark(reader);
    reader.expect(':', "':'");
    this.#inTerminal = isTerminal(name!) || lazy !== undefined;
    const body = this.#alternatives();
    this.#rules.define(name!, position, lazy ? this.#lazy(body, lazy, position) : body);
  }

  #lazy(body: Expression, suffix: Expression, position: number): Expression {
    const lazy = this.#operations.add('lazy', [sequence([body, suffix])], position);
    return sequence([lazy, this.#ignored]);
  }

  /** `[lazy]` or `[suffix=...]`: what a lazy rule ends with. */
  #attributes(): Expression {
    const reader = this.#reader;
    reader.take('[');
    this.#inTerminal = true;
    let suffix = nothing;
    do {
      reader.match(space);
      const position = reader.at;
      const name = reader.match(/\w*/y)![0];
      const value = reader.match(/[ \t]*=[ \t]*/y);
      if (name === 'suffix' && value) suffix = this.#part() ?? reader.fail('a terminal expected');
      else if (name !== 'lazy' || value)
        reader.fail(
          `the attribute '${name}' is not supported (lazy and suffix are): text is not captured, and sampling is the same everywhere`,
          position,
        );
      reader.match(space);
    } while (reader.take(','));
    reader.expect(']', "']'");
    reader.match(space);
    return suffix;
  }

  /**
   * The name of a rule or terminal; the marks before it shape Lark's trees, of which there are none
   * here.
   */
  #name(): string | undefined {
    const reader = this.#reader;
    const position = reader.at;
    const name = reader.match(symbol)?.[1];
    if (name && name !== name.toLowerCase() && name !== name.toUpperCase())
      reader.fail(
        `'${name}' mixes cases: rules are named in lower case, terminals in upper case`,
        position,
      );
    return name;
  }

  #statement(): void {
    const reader = this.#reader;
    const position = reader.at;
    const keyword = reader.match(/%[a-z]*/y)![0];
    reader.match(space);
    if (keyword === '%ignore') {
      this.#inTerminal = true;
      this.#ignores.push(this.#alternatives());
    } else if (keyword === '%import') readImport(reader, this.#rules);
    else if (keyword === '%llguidance')
      this.#ignoresFirst = readSettings(reader, position) ?? this.#ignoresFirst;
    else {
      reader.at = position;
      refuseLark(reader);
      reader.fail(`'${keyword}' is not known (%ignore and %import are)`);
    }
  }

  #alternatives(): Expression {
    const reader = this.#reader;
    const parts: Expression[] = [];
    do {
      parts.push(this.#inTerminal ? this.#conjunction() : this.#sequence());
      // An alias names a node of Lark's tree.
      if (reader.take('->')) {
        reader.match(space);
        if (!this.#name()) reader.fail(`a name expected after '->', found ${reader.found()}`);
      }
    } while (reader.takeAfter(spaceAndLines, '|'));
    return alternatives(parts);
  }

  /** `&` binds tighter than `|`. */
  #conjunction(): Expression {
    this.#reader.match(space);
    const position = this.#reader.at;
    let all = this.#sequence();
    while (this.#reader.take('&'))
      all = this.#operations.add('and', [all, this.#sequence()], position);
    return all;
  }

  #sequence(): Expression {
    const parts: Expression[] = [];
    for (;;) {
      this.#reader.match(space);
      const part = this.#part();
      if (!part) break;
      parts.push(this.#repeated(part));
    }
    return sequence(parts);
  }

  #repeated(part: Expression): Expression {
    const reader = this.#reader;
    reader.match(space);
    if (reader.take('*')) return anyNumber(part);
    if (reader.take('+')) return repeat(part, 1, Number.POSITIVE_INFINITY);
    if (reader.take('?')) return repeat(part, 0, 1);
    const position = reader.at;
    const match = reader.match(counts);
    if (!match) return part;
    const [text, least, comma, most, exactly, atMost] = match;
    if (text === '{}') reader.fail('a count expected: {m}, {m,}, {,n} or {m,n}', position);
    const min = Number(exactly ?? least);
    let max = Number(atMost ?? exactly ?? least);
    if (comma) max = most === '' ? Number.POSITIVE_INFINITY : Number(most);
    if (max < min) reader.fail(`the counts ${min} and ${max} are out of order`, position);
    return repeat(part, min, max);
  }

  #part(): Expression | undefined {
    const reader = this.#reader;
    const position = reader.at;
    const name = this.#name();
    if (name) return this.#named(name, position);
    switch (reader.peek()) {
      case '(':
        return this.#group('(', ')');
      case '[':
        return repeat(this.#group('[', ']'), 0, 1);
      case '"':
        return this.#terminal(readString(reader));
      case '/':
        return this.#terminal(readPattern(reader));
      case '~':
        return this.#inTerminal ? this.#negated() : refuseLark(reader);
      case '&':
        return this.#inTerminal ? undefined : refuseLark(reader);
      default:
        refuseLark(reader);
        if ('*+?{'.includes(reader.peek()) && !reader.done)
          reader.fail(`'${reader.peek()}' has nothing before it to repeat`);
        return undefined;
    }
  }

  #negated(): Expression {
    const reader = this.#reader;
    const position = reader.at;
    reader.take('~');
    reader.match(space);
    const part = reader.nested(() => this.#part());
    if (!part) reader.fail(`'~' has nothing after it`, position);
    return this.#operations.add('not', [part!], position);
  }

  #named(name: string, position: number): Expression {
    if (this.#inTerminal && !isTerminal(name))
      this.#reader.fail(`the rule '${name}' within a terminal. Name it in upper case`, position);
    const rule: Expression = { type: 'rule', rule: this.#rules.id(name, position) };
    return isTerminal(name) ? this.#terminal(rule) : rule;
  }

  #terminal(expression: Expression): Expression {
    return this.#inTerminal ? expression : sequence([expression, this.#ignored]);
  }

  #group(open: string, close: string): Expression {
    const reader = this.#reader;
    reader.take(open);
    reader.match(spaceAndLines);
    const inner = reader.nested(() => this.#alternatives());
    reader.match(spaceAndLines);
    reader.expect(close, `'${close}'`);
    return inner;
  }
}

function anyNumber(part: Expression): Expression {
  return repeat(part, 0, Number.POSITIVE_INFINITY);
}

function isTerminal(name: string): boolean {
  return name === name.toUpperCase();
}
