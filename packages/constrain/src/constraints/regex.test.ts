import { InvalidOptionsError } from '@pliant/core';
import { readJson } from '@pliant/fixtures';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnsupportedPatternError } from '../regex/syntax/unsupported-pattern-error.js';
import { regex } from './regex.js';

type RegexConstraint = ReturnType<typeof regex>;
const utf8 = new TextEncoder();

function after(constraint: RegexConstraint, text: string | Uint8Array): unknown {
  const start = constraint.start();
  if (text.length === 0) return start;
  return start && constraint.advance(start, typeof text === 'string' ? utf8.encode(text) : text);
}

function accepts(constraint: RegexConstraint, text: string | Uint8Array): boolean {
  const state = after(constraint, text);
  return state !== undefined && constraint.canEnd(state);
}

/** Code points after which no completion is left; null when some is. */
function deadAfter(constraint: RegexConstraint, text: string): number | null {
  const codePoints = [...text];
  for (let n = 0; n <= codePoints.length; n++)
    if (after(constraint, codePoints.slice(0, n).join('')) === undefined) return n;
  return null;
}

const everyByte = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));

/** Bytes that lead from a state to acceptance, by breadth-first search. */
function completion(constraint: RegexConstraint, from: unknown): Uint8Array | undefined {
  const seen = new Set<unknown>([from]);
  let level: { state: unknown; bytes: number[] }[] = [{ state: from, bytes: [] }];
  while (level.length > 0) {
    const next: typeof level = [];
    for (const { state, bytes } of level) {
      if (constraint.canEnd(state)) return Uint8Array.from(bytes);
      for (let byte = 0; byte < 256; byte++) {
        const target = constraint.advance(state, everyByte[byte]);
        if (!target || seen.has(target)) continue;
        seen.add(target);
        next.push({ state: target, bytes: [...bytes, byte] });
      }
    }
    level = next;
  }
  return undefined;
}

interface Row {
  readonly id: string;
  readonly pattern: string;
  readonly flags: string;
  readonly expect: 'ok' | 'refuse' | 'empty';
  readonly accept: string[];
  readonly reject: { text: string; dead_after: number | null; completion?: string }[];
  readonly incomplete_prefixes: { text: string; completion: string }[];
  readonly stress?: {
    repeat: string;
    count: number;
    then: string;
    accept: boolean;
    dead_after: number | null;
  }[];
}
const rows = readJson<Row[]>('vectors/regexes.json');

describe('a set of patterns with accepted, rejected and unfinished strings', () => {
  it('has all kinds', () => {
    const count = (kind: string) => rows.filter((row) => row.expect === kind).length;
    expect([count('ok'), count('refuse'), count('empty')]).toEqual([42, 2, 2]);
  });

  it.each(rows.filter((row) => row.expect !== 'refuse'))('$id', (row) => {
    const constraint = regex(new RegExp(row.pattern, row.flags));
    for (const text of row.accept) expect(accepts(constraint, text), text).toBe(true);
    for (const { text, dead_after, completion: rest } of row.reject) {
      expect(accepts(constraint, text), text).toBe(false);
      expect(deadAfter(constraint, text), text).toBe(dead_after);
      if (rest !== undefined) expect(accepts(constraint, text + rest), text).toBe(true);
    }
    for (const { text, completion: rest } of row.incomplete_prefixes) {
      expect(after(constraint, text), text).toBeDefined();
      expect(accepts(constraint, text), text).toBe(false);
      expect(accepts(constraint, text + rest), text).toBe(true);
    }
    for (const { repeat, count, then, accept, dead_after } of row.stress ?? []) {
      const text = repeat.repeat(count) + then;
      expect(accepts(constraint, text)).toBe(accept);
      const codePoints = [...text];
      if (dead_after !== null) {
        expect(after(constraint, codePoints.slice(0, dead_after - 1).join(''))).toBeDefined();
        expect(after(constraint, codePoints.slice(0, dead_after).join(''))).toBeUndefined();
      }
    }
  });

  it.each(rows.filter((row) => row.expect === 'refuse'))('refuses $id', (row) => {
    expect(() => regex(new RegExp(row.pattern, row.flags))).toThrow(UnsupportedPatternError);
  });
});

describe('what is refused', () => {
  // Strings: as literals they are refused before they get here.
  const pairInClass = '[\\ud83d\\ude00]';
  const octal = '\\07';
  const setFlag = 'v';
  it.each([
    [/(a)\1/, 3, 'backreferences'],
    [/(a)(?=\1)/, 6, 'backreferences'],
    [/(?<x>a)\k<x>/, 7, 'backreferences'],
    [new RegExp(octal), 0, 'octal'],
    [/a/g, 0, "flag 'g'"],
    [/a/y, 0, "flag 'y'"],
    [/a/d, 0, "flag 'd'"],
    [new RegExp('a', `i${setFlag}`), 0, "flags 'i' and 'v'"],
    [new RegExp('a\\p{RGI_Emoji}', setFlag), 1, 'properties of strings'],
    [/a😀/, 1, 'flag u'],
    [new RegExp(pairInClass), 1, 'flag u'],
  ])('%s', (pattern, position, reason) => {
    const refused = (() => {
      try {
        regex(pattern);
      } catch (error) {
        return error;
      }
      return undefined;
    })();
    expect(refused).toBeInstanceOf(UnsupportedPatternError);
    expect(refused).toMatchObject({ position, pattern: pattern.source });
    expect(String(refused)).toContain(reason);
  });

  it.each([
    '[[a-z]--[aeiou]]+',
    '[\\w&&[^\\d_]]{2}',
    '[[a-c][x-z]\\-\\&]*',
    '[^[a-f]&&\\w]',
    '[\\q{abc|d|}x]y',
    '[\\q{ab|cd|e}--\\q{ab}--e]',
    '[\\q{ab|c}&&\\q{ab|d}]',
    '[\\p{L}--\\p{Script=Latin}]',
    '[😀-😃a]',
    '[[\\x61-\\x63]--b]',
  ])('not flag v: %s', (source) => {
    const pattern = new RegExp(source, setFlag);
    const whole = new RegExp(`^(?:${source})$`, setFlag);
    const constraint = regex(pattern);
    const texts = [
      '',
      'a',
      'b',
      'c',
      'd',
      'e',
      'x',
      'y',
      'é',
      'я',
      '-',
      '&',
      '_',
      '5',
      '😀',
      '😃',
      '😄',
      'B',
    ];
    for (const text of texts
      .flatMap((one) => texts.map((other) => one + other))
      .concat('abcy', 'abc'))
      expect(accepts(constraint, text), text).toBe(whole.test(text));
  });

  it('patterns that are none', () => {
    expect(() => regex('a+' as unknown as RegExp)).toThrow(InvalidOptionsError);
  });

  it.each([
    '(?:a{1000}){1000}',
    'a{0,1000000000}',
    'a{1000000000,}',
    '(?:(?:(?:a{99}){99}){99}){99}',
    `${'('.repeat(300)}a${')'.repeat(300)}`,
  ])('hostile: %s', (source) => {
    expect(() => regex(new RegExp(source))).toThrow(UnsupportedPatternError);
  });

  it('too many overlapping classes', () => {
    const classes = Array.from(
      { length: 5000 },
      (_, i) => `[\\u{${(0x100 + i).toString(16)}}-\\u{${(0x8000 + i).toString(16)}}]`,
    );
    expect(() => regex(new RegExp(classes.join(''), 'u'))).toThrow('overlapping');
  });
});

describe('bytes', () => {
  it('go on in the middle of a character', () => {
    const constraint = regex(/[à-ÿ]€😀/u);
    const bytes = utf8.encode('é€😀');
    let state = constraint.start()!;
    for (const [i, byte] of bytes.entries()) {
      expect(constraint.canEnd(state)).toBe(false);
      state = constraint.advance(state, Uint8Array.of(byte))!;
      expect(state, `after byte ${i}`).toBeDefined();
    }
    expect(constraint.canEnd(state)).toBe(true);
    expect(constraint.mustEnd!(state)).toBe(true);
  });

  it('are refused as soon as no character that they begin fits', () => {
    // U+4E00 to U+4FFF are E4 B8 80 to E4 BF BF.
    const constraint = regex(/[\u4e00-\u4fff]/);
    expect(after(constraint, Uint8Array.of(0xe3))).toBeUndefined();
    expect(after(constraint, Uint8Array.of(0xe4))).toBeDefined();
    expect(after(constraint, Uint8Array.of(0xe4, 0xb7))).toBeUndefined();
    expect(after(constraint, Uint8Array.of(0xe4, 0xb8))).toBeDefined();
  });

  it.each([
    ['a continuation byte alone', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong euro sign', [0xf0, 0x82, 0x82, 0xac]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['a byte that never occurs', [0xff]],
    ['half a character', [0xf0, 0x9f, 0x41]],
  ])('that are no UTF-8 pass only where everything does: %s', (_, bytes) => {
    expect(after(regex(/[^a]*/), Uint8Array.from(bytes))).toBeUndefined();
    expect(after(regex(/.*/), Uint8Array.from(bytes))).toBeUndefined();
    for (const everything of ['[\\s\\S]*', '[^]*', '.*'])
      expect(accepts(regex(new RegExp(everything, 's')), Uint8Array.from(bytes))).toBe(true);
  });

  it('that are no UTF-8 count as decoders show them', () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const exactly = Array.from({ length: 11 }, (_, count) =>
      regex(new RegExp(`[\\s\\S]{${count}}`)),
    );
    const byte = fc.constantFrom(
      0x41,
      0x80,
      0xbf,
      0xc0,
      0xc3,
      0xa9,
      0xe2,
      0x82,
      0xac,
      0xed,
      0xa0,
      0xf0,
      0x9f,
      0x98,
      0xf4,
      0x90,
      0xff,
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 10 }), (bytes) => {
        const shown = [...decoder.decode(Uint8Array.from(bytes))].length;
        for (const [count, constraint] of exactly.entries())
          expect(accepts(constraint, Uint8Array.from(bytes))).toBe(count === shown);
      }),
      { numRuns: 120, seed: 3 },
    );
  });

  it('agree with whole characters over all of Unicode', () => {
    for (const pattern of [
      /\p{L}/u,
      /\P{L}/u,
      /[^\p{Script=Han}a-z]/u,
      /\s/,
      /\W/iu,
      /[k-z]/i,
      /[^ß-ž]/iu,
    ]) {
      const constraint = regex(pattern);
      const whole = new RegExp(`^${pattern.source}$`, pattern.flags);
      const wrong: string[] = [];
      for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += codePoint < 0x3000 ? 1 : 97) {
        if (codePoint >= 0xd800 && codePoint < 0xe000) continue;
        if (codePoint > 0xffff && !pattern.unicode) break;
        const char = String.fromCodePoint(codePoint);
        if (accepts(constraint, char) !== whole.test(char)) wrong.push(codePoint.toString(16));
      }
      expect(wrong, String(pattern)).toEqual([]);
    }
  });
});

describe('beside JavaScript', () => {
  const characters = [
    'a',
    'b',
    'A',
    'k',
    'K',
    '\u212a',
    's',
    '\u017f',
    '0',
    '_',
    '-',
    ' ',
    '\n',
    '\u2028',
    'é',
    'É',
    'ß',
    '€',
    '\ufffd',
  ];
  const astral = ['😀', '𐐀', '𐐨'];
  const text = (withAstral: boolean) =>
    fc
      .array(fc.constantFrom(...characters, ...(withAstral ? astral : [])), { maxLength: 6 })
      .map((parts) => parts.join(''));
  const atom = (unicode: boolean) =>
    fc.constantFrom(
      'a',
      'b',
      'k',
      'S',
      'é',
      '_',
      '.',
      '\\d',
      '\\D',
      '\\w',
      '\\W',
      '\\s',
      '\\S',
      '^',
      '$',
      '[ab]',
      '[^ab]',
      '[a-z]',
      '[^a-zé]',
      '[\\w-]',
      '[^\\W_]',
      '\\n',
      '\\x41',
      '\\u00e9',
      '\\cJ',
      '[\\s\\S]',
      '[^]',
      '[]',
      '[k-\\u212a]',
      '\\-'.slice(unicode ? 1 : 0),
      ...(unicode
        ? ['\\p{Lu}', '\\P{Lu}', '\\u{1f600}', '\\ud83d\\ude00', '[😀-😂]', '[^\\P{Ll}]', '😀']
        : []),
    );
  const pattern = (unicode: boolean) =>
    fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        atom(unicode),
        fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => a + b),
        fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `(?:${a}|${b})`),
        fc
          .tuple(tie('tree'), fc.constantFrom('*', '+', '?', '*?', '{2}', '{0,2}', '{1,}', '{0}'))
          .map(([a, quantifier]) => `(${a})${quantifier}`),
      ),
    })).tree;
  const cases = (unicode: boolean) =>
    fc.record({
      source: pattern(unicode),
      flags: fc.constantFrom('', 'i', 's', 'is').map((flags) => flags + (unicode ? 'u' : '')),
      texts: fc.array(text(unicode), { minLength: 5, maxLength: 12 }),
    });

  it.each([true, false])('random patterns mean the same, flag u: %s', (unicode) => {
    let matches = 0;
    fc.assert(
      fc.property(cases(unicode), ({ source, flags, texts }) => {
        const constraint = regex(new RegExp(source, flags));
        const whole = new RegExp(`^(?:${source})$`, flags);
        for (const candidate of texts) {
          const expected = whole.test(candidate);
          expect(accepts(constraint, candidate), `${whole} on ${JSON.stringify(candidate)}`).toBe(
            expected,
          );
          if (!expected) continue;
          matches++;
          // Every byte of an accepted text leads to a live state.
          const bytes = utf8.encode(candidate);
          for (let n = 0; n < bytes.length; n++)
            expect(after(constraint, bytes.subarray(0, n))).toBeDefined();
        }
      }),
      { numRuns: 300, seed: 4 },
    );
    expect(matches).toBeGreaterThan(110);
  });

  it('every live prefix has a completion, and the completed text matches', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    fc.assert(
      fc.property(cases(true), ({ source, flags, texts }) => {
        const constraint = regex(new RegExp(source, flags));
        const whole = new RegExp(`^(?:${source})$`, flags);
        // Many prefixes lead to the same state.
        const rests = new Map<unknown, Uint8Array | undefined>();
        for (const candidate of texts) {
          const bytes = utf8.encode(candidate);
          for (let n = 0; n <= bytes.length; n++) {
            const state = after(constraint, bytes.subarray(0, n));
            if (!state) continue;
            if (!rests.has(state)) rests.set(state, completion(constraint, state));
            const rest = rests.get(state);
            expect(rest, `${whole} after ${n} bytes of ${candidate}`).toBeDefined();
            const completed = Uint8Array.of(...bytes.subarray(0, n), ...rest!);
            let decoded: string;
            try {
              decoded = decoder.decode(completed);
            } catch {
              // Broken off inside a character, where everything is allowed.
              continue;
            }
            expect(whole.test(decoded), `${whole} on ${decoded}`).toBe(true);
            expect(constraint.mustEnd!(state) && rest!.length > 0).toBe(false);
          }
        }
      }),
      { numRuns: 100, seed: 5 },
    );
  });

  it('any valid pattern is taken or refused, and never misread', () => {
    const piece = fc.constantFrom(
      ...'ab(){}[]|*+?.^$\\-,:=!<>017dDwWsSbBkpPuxcnt'.split(''),
      '(?:',
      '(?=',
      '(?<n>',
      '\\u',
      '\\x',
      '\\c',
      '{1,2}',
      '[^',
      '\\p{L}',
      '\\k<n>',
      '\\1',
    );
    let taken = 0;
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 10 }),
        fc.constantFrom('', 'i', 'u', 'su'),
        (pieces, flags) => {
          let expression: RegExp;
          try {
            expression = new RegExp(pieces.join(''), flags);
          } catch {
            return;
          }
          let constraint: RegexConstraint;
          try {
            constraint = regex(expression);
          } catch (error) {
            expect(error).toBeInstanceOf(UnsupportedPatternError);
            return;
          }
          taken++;
          const whole = new RegExp(`^(?:${expression.source})$`, flags);
          for (const candidate of [
            '',
            'a',
            'b',
            'ab',
            'ba',
            'aa',
            '0',
            '-',
            'u',
            'c',
            '{',
            ']',
            '}',
            '\\',
            'd',
            'x',
            'n',
            '{1,2}',
            'a{',
            '\\c',
          ])
            expect(accepts(constraint, candidate), `${whole} on ${candidate}`).toBe(
              whole.test(candidate),
            );
        },
      ),
      { numRuns: 1200, seed: 6 },
    );
    expect(taken).toBeGreaterThan(240);
  });
});

describe('bounds', () => {
  const letters = { a: utf8.encode('a'), b: utf8.encode('b') };
  /** Of `a` and `b`, without a short period. */
  function irregular(length: number): ('a' | 'b')[] {
    let seed = 1;
    return Array.from({ length }, () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return seed & 0x10000 ? 'a' : 'b';
    });
  }

  it('a pattern with exponentially many states stays exact and forgets old ones', () => {
    const constraint = regex(/[ab]*a[ab]{14}/);
    const whole = /^[ab]*a[ab]{14}$/;
    const text = irregular(20_000);
    let state = constraint.start()!;
    const early = after(constraint, 'a')!;
    for (const [i, letter] of text.entries()) {
      state = constraint.advance(state, letters[letter])!;
      if (i % 2000 === 0)
        expect(constraint.canEnd(state)).toBe(whole.test(text.slice(0, i + 1).join('')));
    }
    expect(after(constraint, 'a')).not.toBe(early);
    const begun = text.slice(0, 40).join('');
    expect(accepts(constraint, begun)).toBe(whole.test(begun));
  });

  it('states stay usable after the table was cleared', () => {
    const constraint = regex(/x(?:[ab]*a[ab]{16}|cd)/);
    const kept = after(constraint, 'xc')!;
    let state = after(constraint, 'x');
    for (const letter of irregular(20_000)) state = constraint.advance(state, letters[letter]);
    expect(after(constraint, 'xc')).not.toBe(kept);
    expect(constraint.canEnd(constraint.advance(kept, utf8.encode('d'))!)).toBe(true);
    expect(accepts(constraint, 'xcd')).toBe(true);
  });
});

describe('forced', () => {
  const forced = (pattern: RegExp, text = '') => {
    const constraint = regex(pattern);
    return Buffer.from(constraint.forced!(after(constraint, text)!)).toString();
  };

  it.each([
    [/hello/, '', 'hello'],
    [/hello/, 'hel', 'lo'],
    [/hello/, 'hello', ''],
    [/\{"name": "\w+"\}/, '', '{"name": "'],
    [/a(?:bc|bd)/, '', 'ab'],
    [/ab?/, '', 'a'],
    [/ab?/, 'a', ''],
    [/(?:€|₭)x/, '', '\ufffd'],
    [/€x/, '', '€x'],
    [/[ab]/, '', ''],
  ])('%s after %j', (pattern, text, expected) => {
    expect(forced(pattern, text)).toBe(expected);
  });

  it('is bounded', () => {
    expect(forced(/a{1000}/)).toBe('a'.repeat(256));
    expect(forced(/a{1000}/, 'a'.repeat(900))).toBe('a'.repeat(100));
  });

  it('begins every completion', () => {
    for (const { pattern, flags, accept } of rows.filter((row) => row.expect === 'ok')) {
      const constraint = regex(new RegExp(pattern, flags));
      for (const text of accept) {
        const bytes = utf8.encode(text);
        for (let at = 0; at <= Math.min(bytes.length, 200); at++) {
          const ahead = constraint.forced!(after(constraint, bytes.subarray(0, at))!);
          expect(bytes.subarray(at, at + ahead.length)).toEqual(ahead);
        }
      }
    }
  });
});

describe('completion', () => {
  const completed = (pattern: RegExp, text: string) => {
    const constraint = regex(pattern);
    const bytes = constraint.completion!(after(constraint, text)!);
    return bytes && Buffer.from(bytes).toString();
  };

  it.each([
    [/[a-z]+(?:,[a-z]+)*;/, 'ab,', 'a;'],
    [/(?:b\d{9}|f)/, '', 'f'],
    [/(?:long way|x\d)/, '', 'x0'],
    [/[α-ω]{2}|abcdef/u, '', 'αα'],
    [/a+$/, 'a', ''],
    [/(?:a|b$)+c?/, '', 'a'],
    [/^x{3}/, 'x', 'xx'],
  ])('%s after %j', (pattern, text, expected) => {
    expect(completed(pattern, text)).toBe(expected);
  });

  it('finishes characters', () => {
    const constraint = regex(/[€₭]!/);
    const begun = after(constraint, Uint8Array.of(0xe2, 0x82))!;
    expect(constraint.completion!(begun)).toHaveLength(2);
  });

  it('is bounded', () => {
    expect(completed(/a{5000}/, '')).toBeUndefined();
    expect(completed(/a{5000}/, 'a'.repeat(4000))).toBe('a'.repeat(1000));
  });

  it('leads to acceptance, no longer than any way', () => {
    for (const { pattern, flags, accept } of rows.filter((row) => row.expect === 'ok')) {
      const constraint = regex(new RegExp(pattern, flags));
      for (const text of accept) {
        const bytes = utf8.encode(text);
        for (let at = 0; at <= Math.min(bytes.length, 100); at++) {
          const begun = bytes.subarray(0, at);
          const rest = constraint.completion!(after(constraint, begun)!)!;
          expect(accepts(constraint, Buffer.concat([begun, rest]))).toBe(true);
          expect(rest.length).toBeLessThanOrEqual(Math.max(3, bytes.length - at));
        }
      }
    }
  });
});
