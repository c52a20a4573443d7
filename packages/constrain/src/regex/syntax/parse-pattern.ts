import { lineEnd, lineStart, wordBoundary } from './boundaries.js';
import { closeUnderCase } from './case-folding.js';
import { type CharSet, charSet, complement, everything, union } from './char-set.js';
import { classEscape, notLineTerminator } from './class-escape.js';
import {
  type ClassOperand,
  combineOperands,
  ofSet,
  ofStrings,
  treeOfClass,
} from './class-operand.js';
import { PatternReader } from './pattern-reader.js';
import type { SyntaxTree } from './syntax-tree.js';
import { unicodeProperty } from './unicode-property.js';

const maxDepth = 200;
/** With flag `v` only. */
const stringProperties = /^(?:Basic_Emoji|Emoji_Keycap_Sequence|RGI_)/;
const controlEscapes: { readonly [letter: string]: number } = { t: 9, n: 10, v: 11, f: 12, r: 13 };

/**
 * The syntax tree of a JavaScript regular expression. Its syntax is known to be valid: the RegExp
 * object exists.
 * @throws UnsupportedPatternError for what is not regular, or not supported
 */
export function parsePattern(expression: RegExp): SyntaxTree {
  return new PatternParser(expression.source, expression.flags).parse();
}

class PatternParser extends PatternReader {
  readonly #unicode: boolean;
  /** One tree each, so that they are compiled once however often they occur. */
  readonly #boundary: SyntaxTree;
  readonly #noBoundary: SyntaxTree;

  constructor(
    source: string,
    readonly flags: string,
  ) {
    super(source);
    this.#unicode = /[uv]/.test(flags);
    const word = classEscape('w', flags)!;
    this.#boundary = wordBoundary(word, false);
    this.#noBoundary = wordBoundary(word, true);
  }

  parse(): SyntaxTree {
    for (const flag of this.flags)
      if (!'imsuv'.includes(flag))
        this.refuse(`flag '${flag}' is not supported (i, m, s, u and v are). Remove it`, 0);
    if (this.flags.includes('v') && this.flags.includes('i'))
      this.refuse("flags 'i' and 'v' together are not supported. Use 'iu'", 0);
    return this.#alternatives(0);
  }

  #alternatives(depth: number): SyntaxTree {
    if (depth > maxDepth) this.refuse(`groups nested deeper than ${maxDepth}. Flatten the pattern`);
    const parts = [this.#sequence(depth)];
    while (this.take('|')) parts.push(this.#sequence(depth));
    return parts.length === 1 ? parts[0] : { type: 'alternatives', parts };
  }

  #sequence(depth: number): SyntaxTree {
    const parts: SyntaxTree[] = [];
    while (this.at < this.source.length && this.peek() !== '|' && this.peek() !== ')')
      parts.push(this.#quantified(this.#term(depth)));
    return parts.length === 1 ? parts[0] : { type: 'sequence', parts };
  }

  #term(depth: number): SyntaxTree {
    switch (this.peek()) {
      case '^':
        this.at++;
        return this.flags.includes('m') ? lineStart : { type: 'start' };
      case '$':
        this.at++;
        return this.flags.includes('m') ? lineEnd : { type: 'end' };
      case '(':
        return this.#group(depth);
      case '.':
        this.at++;
        return { type: 'set', set: this.flags.includes('s') ? everything : notLineTerminator };
      case '[':
        return this.flags.includes('v')
          ? treeOfClass(this.#classOfSets())
          : { type: 'set', set: this.#class() };
      case '\\':
        if (this.match(/\\b/y)) return this.#boundary;
        if (this.match(/\\B/y)) return this.#noBoundary;
        return this.#folded(this.#escape(false));
      default:
        return this.#folded(single(this.#literal()));
    }
  }

  #group(depth: number): SyntaxTree {
    const start = this.at++;
    if (this.take('?')) {
      const look = this.match(/<?[=!]/y)?.[0];
      if (look) {
        const part = this.#alternatives(depth + 1);
        this.at++;
        const direction = look.startsWith('<') ? 'behind' : 'ahead';
        return { type: 'look', direction, isNegative: look.endsWith('!'), part };
      }
      if (!this.match(/:|<[^>]*>/y))
        this.refuse('flags inside groups are not supported. Set them for the whole pattern', start);
    }
    const tree = this.#alternatives(depth + 1);
    this.at++;
    return tree;
  }

  #quantified(part: SyntaxTree): SyntaxTree {
    const position = this.at;
    const quantifier = this.match(/[*+?]|\{(\d+)(,?)(\d*)\}/y);
    if (!quantifier) return part;
    // Greedy or lazy, the language is the same.
    this.take('?');
    const [symbol, least, comma, most] = quantifier;
    const min = least === undefined ? (symbol === '+' ? 1 : 0) : Number(least);
    let max = symbol === '?' ? 1 : Number.POSITIVE_INFINITY;
    if (least !== undefined && (comma === '' || most !== ''))
      max = Number(comma === '' ? least : most);
    return { type: 'repeat', part, min, max, position };
  }

  /** A bracketed class, flag `i` applied. */
  #class(): CharSet {
    this.at++;
    const negated = this.take('^');
    const sets: CharSet[] = [];
    while (!this.take(']')) {
      const first = this.#classAtom();
      if (this.peek() !== '-' || this.source[this.at + 1] === ']') {
        sets.push(first);
        continue;
      }
      this.at++;
      const last = this.#classAtom();
      // Without flag u, `\w-z` is three members.
      if (isSingle(first) && isSingle(last)) sets.push([first[0], last[1]]);
      else sets.push(first, single(0x2d), last);
    }
    const set = union(sets);
    const folded = this.flags.includes('i') ? closeUnderCase(set, this.#unicode) : set;
    return negated ? complement(folded) : folded;
  }

  /** A bracketed class with flag `v`. */
  #classOfSets(): ClassOperand {
    this.at++;
    const negated = this.take('^');
    let all = ofSet([]);
    for (let isFirst = true; !this.take(']'); isFirst = false) {
      const operator = this.match(/&&|--/y)?.[0] as '&&' | '--' | undefined;
      const operand = this.#classOperand();
      all = isFirst ? operand : combineOperands(all, operator ?? '', operand);
    }
    return negated ? ofSet(complement(all.set)) : all;
  }

  #classOperand(): ClassOperand {
    if (this.peek() === '[') return this.#classOfSets();
    if (this.match(/\\q\{/y)) return ofStrings(this.#quoted());
    const first = this.#classAtom();
    if (!isSingle(first) || !this.match(/-(?!-)/y)) return ofSet(first);
    return ofSet([first[0], this.#classAtom()[1]]);
  }

  /** The strings of `\q{...}`, after its brace. */
  #quoted(): string[] {
    const strings = [''];
    while (!this.take('}')) {
      if (this.take('|')) strings.push('');
      else strings[strings.length - 1] += String.fromCodePoint(this.#classAtom()[0]);
    }
    return strings;
  }

  #classAtom(): CharSet {
    return this.peek() === '\\' ? this.#escape(true) : single(this.#literal());
  }

  #escape(inClass: boolean): CharSet {
    const start = this.at++;
    const letter = String.fromCodePoint(this.#literal());
    const set = classEscape(letter, this.flags);
    if (set) return set;
    if (letter in controlEscapes) return single(controlEscapes[letter]);
    if (inClass && letter === 'b') return single(8);
    if ((letter === 'p' || letter === 'P') && this.#unicode) {
      const name = this.match(/\{([^}]*)\}/y)![1];
      if (stringProperties.test(name))
        this.refuse('properties of strings are not supported. Use one of characters', start);
      const property = unicodeProperty(name);
      return letter === 'p' ? property : complement(property);
    }
    if (letter === 'k' || (letter >= '1' && letter <= '9'))
      this.refuse(
        'backreferences (and octal escapes) are not supported: they are not regular. Repeat the group, or check it with predicate()',
        start,
      );
    if (letter === '0') {
      if (this.match(/\d/y)) this.refuse('octal escapes are not supported. Use \\xHH', start);
      return single(0);
    }
    if (letter === 'c') {
      const control = this.match(/[A-Za-z]/y);
      if (!control) this.refuse("'\\c' without a letter is not supported. Write '\\\\c'", start);
      return single(control[0].charCodeAt(0) % 32);
    }
    if (letter === 'x') {
      const digits = this.match(/[0-9A-Fa-f]{2}/y);
      return single(digits ? Number.parseInt(digits[0], 16) : 0x78);
    }
    if (letter === 'u') return single(this.#unicodeEscape(start));
    return single(letter.codePointAt(0)!);
  }

  #unicodeEscape(start: number): number {
    if (this.#unicode) {
      const braced = this.match(/\{([0-9A-Fa-f]+)\}/y);
      if (braced) return Number.parseInt(braced[1], 16);
      const pair = this.match(/([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})/y);
      if (pair)
        return String.fromCharCode(
          Number.parseInt(pair[1], 16),
          Number.parseInt(pair[2], 16),
        ).codePointAt(0)!;
    }
    const digits = this.match(/[0-9A-Fa-f]{4}/y);
    if (!digits) return 0x75;
    return this.#checkUnit(Number.parseInt(digits[0], 16), start);
  }

  /** The code point at the cursor as it stands. */
  #literal(): number {
    const start = this.at;
    const codePoint = this.source.codePointAt(start)!;
    this.at += codePoint > 0xffff ? 2 : 1;
    return this.#checkUnit(codePoint, start);
  }

  #checkUnit(codePoint: number, position: number): number {
    if (!this.#unicode && (codePoint > 0xffff || (codePoint >= 0xd800 && codePoint < 0xe000)))
      this.refuse('characters beyond U+FFFF need flag u', position);
    return codePoint;
  }

  #folded(set: CharSet): SyntaxTree {
    return {
      type: 'set',
      set: this.flags.includes('i') ? closeUnderCase(set, this.#unicode) : set,
    };
  }
}

function single(codePoint: number): CharSet {
  return charSet([[codePoint, codePoint]]);
}

function isSingle(set: CharSet): boolean {
  return set.length === 2 && set[0] === set[1];
}
