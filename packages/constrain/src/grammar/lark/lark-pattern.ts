import { parsePattern } from '../../regex/syntax/parse-pattern.js';
import type { SyntaxTree } from '../../regex/syntax/syntax-tree.js';
import { UnsupportedPatternError } from '../../regex/syntax/unsupported-pattern-error.js';
import type { Expression } from '../rules/expression.js';

const word = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`;

/**
 * The expression of a regular expression as llguidance reads it: `\d`, `\s` and `\w` are those of
 * Unicode, and `.` is all but the newline.
 * @param source between the slashes
 * @param fail throws the error
 */
export function larkPattern(
  source: string,
  flags: string,
  fail: (reason: string) => never,
): Expression {
  for (const flag of flags)
    if (!'isum'.includes(flag))
      fail(`flag '${flag}' is not supported (i, m, s and u are). Remove it`);
  const translator = new Translator(source, flags, fail);
  return patternExpression(compile(translator.translate(), translator.ignoreCase, fail), fail);
}

function compile(source: string, ignoreCase: boolean, fail: (reason: string) => never): SyntaxTree {
  try {
    return parsePattern(new RegExp(source, ignoreCase ? 'iu' : 'u'));
  } catch (error) {
    if (UnsupportedPatternError.isInstance(error)) fail(error.reason);
    // Behind the pattern, which the message repeats.
    if (error instanceof SyntaxError) fail(error.message.split(': ').at(-1)!);
    throw error;
  }
}

/**
 * A pattern as an expression: in the middle of a text there is nothing for anchors to hold on to.
 */
export function patternExpression(tree: SyntaxTree, fail: (reason: string) => never): Expression {
  switch (tree.type) {
    case 'set':
      return tree;
    case 'repeat':
      return { ...tree, part: patternExpression(tree.part, fail) };
    case 'start':
    case 'end':
      return fail("'^' and '$' are not supported: a terminal matches as a whole. Remove them");
    case 'look':
      return fail(
        'lookaround and word boundaries are not supported: a terminal matches as a whole. Use the operators & and ~ on terminals',
      );
    default:
      return { type: tree.type, parts: tree.parts.map((part) => patternExpression(part, fail)) };
  }
}

/**
 * From the syntax of Rust's `regex` (which Python's is close to) to that of JavaScript with flag
 * `u`.
 */
class Translator {
  ignoreCase: boolean;
  #at = 0;
  #inClass = false;
  /** Whether `.` matches the newline, by group. */
  readonly #dotAll: boolean[];

  constructor(
    readonly source: string,
    flags: string,
    readonly fail: (reason: string) => never,
  ) {
    this.ignoreCase = flags.includes('i');
    this.#dotAll = [flags.includes('s')];
    const leading = /^\(\?([a-z]+)\)/.exec(source);
    if (!leading) return;
    this.#at = leading[0].length;
    this.#setFlags(leading[1], 0);
    this.ignoreCase ||= leading[1].includes('i');
  }

  translate(): string {
    let result = '';
    while (this.#at < this.source.length) result += this.#inClass ? this.#member() : this.#term();
    return result;
  }

  #term(): string {
    const char = this.source[this.#at++];
    switch (char) {
      case '\\':
        return this.#escape();
      case '.':
        return this.#dotAll[this.#dotAll.length - 1] ? '[^]' : '[^\\n]';
      case '(':
        return this.#group();
      case ')':
        this.#dotAll.pop();
        return ')';
      case '[': {
        this.#inClass = true;
        const negated = this.#take('^');
        if (this.source[this.#at] === ']')
          this.fail("']' at the beginning of a class: write '\\]'");
        return negated ? '[^' : '[';
      }
      default:
        return char;
    }
  }

  #member(): string {
    const char = this.source[this.#at++];
    if (char === '\\') return this.#escape();
    if (char === ']') this.#inClass = false;
    if (char === '[') this.fail("'[' within a class: write '\\['");
    if ('&-~'.includes(char) && this.source[this.#at] === char)
      this.fail(`'${char}${char}' within a class is not supported. Write the class out`);
    return char;
  }

  #group(): string {
    const dotAll = this.#dotAll[this.#dotAll.length - 1];
    this.#dotAll.push(dotAll);
    const name = /^\?P?<[A-Za-z_]\w*>/.exec(this.source.slice(this.#at));
    if (name) {
      this.#at += name[0].length;
      return '(?:';
    }
    const flags = /^\?([a-z]+):/.exec(this.source.slice(this.#at));
    if (!flags) return '(';
    this.#at += flags[0].length;
    this.#setFlags(flags[1], this.#dotAll.length - 1);
    if (flags[1].includes('i') && !this.ignoreCase)
      this.fail("flag 'i' on a group is not supported. Set it for the whole pattern");
    return '(?:';
  }

  #setFlags(flags: string, group: number): void {
    for (const flag of flags)
      if (!'isum'.includes(flag)) this.fail(`flag '${flag}' is not supported (i, m, s and u are)`);
    if (flags.includes('s')) this.#dotAll[group] = true;
  }

  #escape(): string {
    const rest = this.source.slice(this.#at, this.#at + 16);
    const braced = /^[xu]\{([0-9A-Fa-f]{1,8})\}|^U([0-9A-Fa-f]{8})/.exec(rest);
    if (braced) {
      this.#at += braced[0].length;
      return `\\u{${braced[1] ?? braced[2]}}`;
    }
    const char = String.fromCodePoint(this.source.codePointAt(this.#at) ?? 0x5c);
    this.#at += char.length;
    const classes: { readonly [letter: string]: string } = {
      d: '\\p{Nd}',
      D: '\\P{Nd}',
      s: '\\p{White_Space}',
      S: '\\P{White_Space}',
      w: this.#inClass ? word : `[${word}]`,
      W: `[^${word}]`,
      a: '\\x07',
    };
    if (char === 'W' && this.#inClass)
      this.fail("'\\W' within a class is not supported. Write the class out, or use [^\\w...]");
    if (char in classes) return classes[char];
    if ('AzZG<>'.includes(char))
      this.fail(`'\\${char}' is not supported: a terminal matches as a whole. Remove it`);
    const property = /^[pP]([A-Z])/.exec(rest);
    if (property) {
      this.#at++;
      return `\\${char}{${property[1]}}`;
    }
    if (/[\w^$\\.*+?()[\]{}|/]/.test(char)) return `\\${char}`;
    return `\\u{${char.codePointAt(0)!.toString(16)}}`;
  }

  #take(text: string): boolean {
    if (this.source[this.#at] !== text) return false;
    this.#at++;
    return true;
  }
}
