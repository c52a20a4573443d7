import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grammar } from '../../constraints/grammar.js';
import { accepts } from '../../contract/accepts.js';
import { GrammarError } from '../rules/grammar-error.js';
import { larkCommon } from './lark-common.js';

function reads(source: string, texts: readonly string[]): string[] {
  const constraint = grammar(source, { syntax: 'lark' });
  return texts.filter((text) => accepts(constraint, text));
}

function errorOf(source: string): GrammarError {
  try {
    grammar(source, { syntax: 'lark' });
  } catch (error) {
    if (GrammarError.isInstance(error)) return error;
    throw error;
  }
  throw new Error(`read: ${source}`);
}

describe('Lark', () => {
  it.each<[name: string, source: string, accepted: string[], rejected: string[]]>([
    ['a string', 'start: "ab"', ['ab'], ['', 'a', 'abb']],
    [
      'a string in any case',
      'start: "Straße"i',
      ['strAßE', 'STRASSE'.replace('SS', 'ß')],
      ['strasse'],
    ],
    ['escapes', 'start: "\\"\\\\\\n\\u00e9\\uD83D\\uDE00\\x41\\/"', ['"\\\né😀A/'], []],
    ['alternatives', 'start: "a" | "b" | ', ['a', 'b', ''], ['ab']],
    ['a bar on the next line', 'start: "a"\n  | "b"\n', ['a', 'b'], []],
    ['groups', 'start: ("a" | "b") "c"', ['ac', 'bc'], ['a', 'abc']],
    ['optional groups', 'start: ["a" "b"] "c"', ['c', 'abc'], ['ac']],
    ['? * +', 'start: "a"? "b"* "c"+', ['c', 'abbcc'], ['ab', 'aac']],
    ['counts with ~', 'start: "a"~2 "b"~1..2', ['aab', 'aabb'], ['ab', 'aabbb']],
    ['counts in braces', 'start: "a"{2} "b"{1,2} "c"{,1} "d"{1,}', ['aabd', 'aabbcddd'], ['aab']],
    ['a range', 'start: "a".."c"+', ['a', 'cab'], ['d', '']],
    ['terminals', 'start: A B\nA: "a"+\nB: C | "x"\nC: /[c-d]/', ['aac', 'ax'], ['c', 'aa']],
    ['rules that nest', 'start: "(" start ")" | "x"', ['x', '((x))'], ['(x']],
    [
      'marks, priorities, aliases',
      '?start: _a -> b | !c\n_a.2: "a"\n!c: D\nD.-1: "d"',
      ['a', 'd'],
      [],
    ],
    ['comments', '// one\nstart: "a" // two\n# three\n  | "b" # four', ['a', 'b'], []],
    ['names with dashes', 'start: a-b\na-b: "x"', ['x'], []],
    ['lines within parentheses', 'start: (\n "a"\n | "b"\n)', ['a', 'b'], []],
    ['windows lines', 'start: a\r\na: "x"\r\n', ['x'], []],
    ['flags of a pattern', 'start: /a.b/s /C/i', ['a\nbc', 'axbC'], ['abC']],
    ['leading flags', 'start: /(?is)A./', ['a\n'], ['a']],
    ['flags of a group', 'start: /(?s:.)./', ['\na'], ['a\n']],
    ['all but the newline', 'start: /./', ['\r', '\u2028', 'é'], ['\n']],
    ['classes of Unicode', 'start: /\\d[\\w-]\\s\\S/', ['٣é\u00a0x', '1- !'], ['1! x']],
    ['not a word', 'start: /\\W\\D/', ['!a'], ['éa', '!1']],
    ['escaped signs', 'start: /\\"\\-\\/\\@[\\"\\]]/', ['"-/@]'], []],
    [
      'escapes of code points',
      'start: /\\x41\\x{1F600}\\u{e9}\\u00e9\\U0000e9e9/',
      ['A😀éé\ue9e9'],
      [],
    ],
    ['named groups', 'start: /(?P<a>x)(?<b>y)?/', ['x', 'xy'], []],
    [
      'properties',
      'start: /\\pL\\p{Greek}\\PL/'.replace('\\p{Greek}', '\\p{Script=Greek}'),
      ['aα1'],
      ['aaa'],
    ],
    [
      'imports',
      '%import common.INT\n%import common.WORD -> W\n%import common (CR, LF)\nstart: INT W CR? LF',
      ['12ab\r\n', '1a\n'],
      ['a1\n'],
    ],
  ])('%s', (_, source, accepted, rejected) => {
    expect(reads(source, [...accepted, ...rejected])).toEqual(accepted);
  });

  it('ignores between terminals and behind the last, not before the first', () => {
    const source = 'start: "a" NUMBER+ | rule\nrule: "b" /c/\nNUMBER: /[0-9]/ "."\n%ignore " "';
    const accepted = ['a1.', 'a 1.2.  3. ', 'bc', 'b c '];
    expect(reads(source, [...accepted, ' a1.', 'a1 .', 'b\nc'])).toEqual(accepted);
    const first = `%llguidance {"allow_initial_skip": true}\n${source}`;
    expect(reads(first, [' a1.', '  b c', 'a1.'])).toEqual([' a1.', '  b c', 'a1.']);
    const several =
      'start: "a"+\n%ignore / +/\n%ignore COMMENT\nCOMMENT: /#[^\\n]*\\n/\n%llguidance {}';
    expect(reads(several, ['a a', 'a# x\n a', 'a #\n#\n', 'a#a'])).toEqual([
      'a a',
      'a# x\n a',
      'a #\n#\n',
    ]);
  });

  it('counts every way to cut a text into terminals', () => {
    const source = 'start: "if" NAME\nNAME: /[a-z]+/\n%ignore " "';
    expect(reads(source, ['if x', 'ifx', 'if if', 'if'])).toEqual(['if x', 'ifx', 'if if']);
  });

  it.each<[name: string, source: string, accepted: string[], rejected: string[]]>([
    ['and', 'A: /[a-c]+/ & /.*b.*/', ['b', 'abc'], ['', 'ac', 'bd']],
    ['and binds tighter than or', 'A: "a" | /[bc]/ & /[cd]/', ['a', 'c'], ['b', 'd']],
    ['and of sequences', 'A: "a" B & B "b"\nB: /.+/', ['ab', 'axb'], ['a', 'b', 'ba']],
    ['not', 'A: ~"ab"', ['', 'a', 'abc', 'é'], ['ab']],
    ['not binds tighter than +', 'A: ~/[^a]|../+ "b"', ['b', 'ab', 'aab'], ['c']],
    [
      'not within and',
      'A: /[a-z \\n]*/ & ~/(?s:.*)\\n\\n(?s:.*)/',
      ['', 'a\nb\n'],
      ['a\n\nb', 'A'],
    ],
    ['not of not', 'A: ~~("a" B)\nB: ~/x/', ['a', 'ab', 'axx'], ['', 'ax', 'b']],
    ['nothing at all', 'A: "a" & "b" | "c"', ['c'], ['a', 'b', '']],
    ['multi-byte characters', 'A: /[é-ü]+/ & ~/.*ö.*/', ['é', 'üé'], ['ö', 'éö', 'a']],
  ])('operates on terminals: %s', (_, source, accepted, rejected) => {
    expect(reads(`start: A\n${source}`, [...accepted, ...rejected])).toEqual(accepted);
  });

  it.each<[name: string, source: string, accepted: string[], rejected: string[]]>([
    [
      'up to a marker',
      'start: a "!"\na[lazy]: /.*<end>/',
      ['x<end>!', '<end>!'],
      ['x<end>y<end>!', 'x!'],
    ],
    ['with a suffix', 'start: a "!"\na[suffix="<end>"]: /.*/', ['x<end>!'], ['x<end>y<end>!']],
    [
      'with the suffix of a terminal',
      'start: a\na[suffix=E]: /(.|\\n)*/\nE: ";"+',
      ['a\n;'],
      [';;'],
    ],
    ['of nothing', 'start: a "!"\na[lazy]: /.*/', ['!'], ['x!']],
    ['of one digit', 'start: a\na[lazy]: /[0-9]+/', ['1'], ['12', '']],
    [
      'with text ignored behind it',
      'start: a "!"\na[lazy]: /[^!]*;/\n%ignore " "',
      ['x; !'],
      ['x; ;!'],
    ],
    [
      'tool calls',
      'start: (f | g)* t\nt: T\nT: /(.|\\n)*/\nh[lazy]: T "<call"\nf: h "=f>" /[0-9]+/ "</call>"\ng: h "=g>" "</call>"',
      ['', 'a<call=f>1</call>b', '<call=g></call><call=f>2</call>'],
      [],
    ],
  ])('reads lazily: %s', (_, source, accepted, rejected) => {
    expect(reads(source, [...accepted, ...rejected])).toEqual(accepted);
  });

  it.each<[name: string, matching: string[], other: string[]]>([
    ['INT', ['0', '12'], ['', '-1', '1.0']],
    ['SIGNED_INT', ['-1', '+12', '3'], ['--1', '1.']],
    ['FLOAT', ['1.', '.5', '1.5e-3', '2e5'], ['1', '.', 'e5']],
    ['SIGNED_FLOAT', ['-1.5', '+.5e2'], ['-1']],
    ['NUMBER', ['1', '1.5', '.5', '1e5', '1.e5'], ['-1', '.', '1e']],
    ['SIGNED_NUMBER', ['-1', '+1.5e+3'], ['- 1']],
    ['DECIMAL', ['1.', '1.2', '.2'], ['1', '.']],
    ['ESCAPED_STRING', ['""', '"a\\"b"', '"\\\\"'], ['"', '"a\\"', '"\n"', "''"]],
    ['CNAME', ['_a1', 'A'], ['1a', 'é', '']],
    ['NEWLINE', ['\n', '\r\n\n'], ['\r', '']],
    ['C_COMMENT', ['/**/', '/* * / */', '/***/'], ['/*/', '/* */ */']],
    ['CPP_COMMENT', ['//', '// x'], ['//\n', '/']],
    ['SH_COMMENT', ['#', '# x'], ['#\n']],
    ['SQL_COMMENT', ['--', '-- x'], ['-', '--\n']],
  ])('knows common.%s', (name, matching, other) => {
    expect(Object.keys(larkCommon)).toContain(name);
    const source = `%import common.${name}\nstart: ${name}`;
    expect(reads(source, [...matching, ...other])).toEqual(matching);
  });

  it.each<[source: string, line: number, column: number, reason: RegExp]>([
    ['start: "a', 1, 8, /string does not end/],
    ['start: /a', 1, 8, /does not end on its line/],
    ['start: "\\q"', 1, 9, /escape '\\q' is not known/],
    ['start: ("a"', 1, 12, /'\)' expected, found the end of the grammar/],
    ['start: "a" )', 1, 12, /end of the rule expected/],
    ['start: +', 1, 8, /nothing before it/],
    ['start: "a"+?', 1, 12, /end of the rule expected|nothing before it/],
    ['start: "a"~2..1', 1, 11, /out of order/],
    ['start: "a"{}', 1, 11, /count expected/],
    ['start: "ab".."c"', 1, 8, /between two characters/],
    ['start: "c".."a"', 1, 8, /between two characters/],
    ['start: myRule', 1, 8, /mixes cases/],
    ['start: a', 1, 8, /no rule 'a'/],
    ['a: "x"', 1, 1, /no rule 'start' to begin with/],
    ['start: "a"\nstart: "b"', 2, 1, /defined twice/],
    ['start: A\nA: b\nb: "x"', 2, 4, /rule 'b' within a terminal/],
    ['start: A\nA: "x" B\nB: A?', 2, 1, /'A' is defined by itself/],
    ['start: /a(?=b)/', 1, 8, /lookaround/],
    ['start: /(a)\\1/', 1, 8, /backreferences/],
    ['start: /\\bx/', 1, 8, /word boundaries/],
    ['start: /^x$/', 1, 8, /'\^' and '\$' are not supported/],
    ['start: /x\\z/', 1, 8, /'\\z' is not supported/],
    ['start: /[a&&b]/', 1, 8, /'&&' within a class/],
    ['start: /[[:alpha:]]/', 1, 8, /'\[' within a class/],
    ['start: /[]a]/', 1, 8, /'\]' at the beginning/],
    ['start: /[\\W_]/', 1, 8, /'\\W' within a class/],
    ['start: /a**/', 1, 8, /Nothing to repeat/],
    ['start: /a/x', 1, 8, /flag 'x'/],
    ['start: /(?i:a)/', 1, 8, /flag 'i' on a group/],
    ['start: %json { "type": "object" }', 1, 8, /%json.*jsonSchema\(\)/],
    ['start: %regex { "substring_chars": "abc" }', 1, 8, /%regex.*extract\(\)/],
    ['start: <think> "x"', 1, 8, /control tokens/],
    ['start: @other', 1, 8, /grammars within grammars/],
    ['start[lazy, capture="x"]: /.*x/', 1, 13, /attribute 'capture' is not supported/],
    ['start[stop="y"]: /.*/', 1, 7, /attribute 'stop'/],
    ['start[max_tokens=3]: /.*/', 1, 7, /attribute 'max_tokens'/],
    ['start[lazy]: a\na: "x"', 1, 14, /rule 'a' within a terminal/],
    ['start: A\nA[lazy]: "x"', 2, 2, /attributes of terminals/],
    ['start: a{"x"}\na{p}: p', 1, 9, /end of the rule|templates|nothing before/],
    ['start: a\na{p}: p', 2, 2, /templates/],
    ['start::_: "x"', 1, 6, /parameters/],
    ['start: /a/ & /b/', 1, 12, /'&' and '~' are for terminals/],
    ['start: ~/a/', 1, 8, /'&' and '~' are for terminals/],
    ['start: A\nA: ~', 2, 4, /'~' has nothing after it/],
    ['start: A\nA: B & "x"\nB: ~A', 2, 1, /'A' is defined by itself/],
    ['start: A\nA: /[ab]*a[ab]{30}/ & /a*/', 2, 4, /works on is too large/],
    ['%declare A\nstart: A', 1, 1, /%declare/],
    ['%nothing\nstart: "a"', 1, 1, /'%nothing' is not known/],
    ['%import common.NOTHING\nstart: "a"', 1, 9, /common has no 'NOTHING'. It has .*INT/],
    ['%import python.NAME\nstart: "a"', 1, 9, /only terminals of the module common/],
    ['%llguidance {"no_forcing": true}\nstart: "a"', 1, 1, /all that is supported/],
  ])('refuses %j', (source, line, column, reason) => {
    const error = errorOf(source);
    expect(error.message).toMatch(reason);
    expect([error.line, error.column]).toEqual([line, column]);
  });

  it('reads anything or says what is wrong', () => {
    const pieces = fc.constantFrom(
      ...['start', ' ', ':', '\n', '"', 'a', 'A', '[', ']', '/', '(', ')', '|', '*', '+', '?', '~'],
      ...['{', '}', '1', ',', '9999999999', '\\', '\\x41', '%ignore', '#', '.', '<', '😀', '->'],
      ...['\nA: ', '"a"', '/[a-b]+/', '..', '%import common.INT', '^', '$', '&', '@'],
    );
    let read = 0;
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        try {
          const constraint = grammar(`start: ${parts.join('')}`, { syntax: 'lark' });
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

describe('which syntax a grammar is in', () => {
  it.each([
    ['root ::= "a"', 'gbnf'],
    ['# start: "a"\nroot::="a"', 'gbnf'],
    ['start: "a"', 'lark'],
    ['// x\n%import common.INT\nstart: INT', 'lark'],
    ['?start.2: "a::="', 'lark'],
  ])('%j', (source, syntax) => {
    const options = syntax === 'gbnf' ? { start: 'root' } : {};
    expect(grammar(source, options).name).toMatch(`grammar ${syntax}`);
  });

  it.each(['', '"a"', 'root = "a"'])('asks for the option at %j', (source) => {
    expect(() => grammar(source)).toThrow(/neither.*option 'syntax'/);
  });
});
