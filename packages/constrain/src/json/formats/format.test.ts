import { readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { regex } from '../../constraints/regex.js';
import { formatNames, formatOf, hasFormat } from './format.js';

interface Group {
  readonly description: string;
  readonly schema: { readonly format: string };
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

const suite = 'date-time date email hostname ipv4 json-pointer uri uuid'
  .split(' ')
  .flatMap((name) =>
    readJson<Group[]>(`vectors/json-schema-test-suite/optional-format/${name}.json`),
  );

function has(name: string, text: string): boolean {
  return hasFormat(formatOf(name)!, text);
}

/** Whether the pattern's automaton takes the text too. */
function matches(name: string, text: string): boolean {
  const { pattern } = formatOf(name)!;
  if (!pattern) return true;
  const constraint = regex(pattern);
  const state = constraint.advance(constraint.start()!, new TextEncoder().encode(text));
  return state !== undefined && constraint.canEnd(state);
}

describe('formatOf', () => {
  it.each(suite.map((group) => [group.schema.format, group] as const))(
    '%s agrees with the JSON Schema test suite',
    (name, group) => {
      for (const { description, data, valid } of group.tests)
        if (typeof data === 'string') expect(has(name, data), description).toBe(valid);
    },
  );

  it('has patterns that regex() compiles to the same language', () => {
    for (const { schema, tests } of suite)
      for (const { data, valid, description } of tests)
        if (typeof data === 'string' && data !== '' && valid)
          expect(matches(schema.format, data), description).toBe(true);
    for (const name of formatNames) {
      const { pattern } = formatOf(name)!;
      if (pattern) expect(regex(pattern).start(), name).toBeDefined();
    }
  });

  it.each([
    [
      'time',
      [
        '08:30:06.283185Z',
        '23:59:60Z',
        '01:29:60+01:30',
        '23:29:60+23:30',
        '00:29:60-23:30',
        '15:59:60.5-08:00',
        '05:44:60+05:45',
        '08:30:06z',
      ],
      [
        '08:30:06',
        '24:00:00Z',
        '22:59:60Z',
        '23:59:60+01:00',
        '23:59:60+00:30',
        '00:00:60+00:02',
        '23:58:60Z',
        '08:30:06-8:00',
        '01:02:03Z+00:30',
      ],
    ],
    [
      'duration',
      ['P4DT12H30M5S', 'PT0S', 'P4Y', 'P2W', 'PT1M', 'P1M', 'PT36H', 'P1Y2M3D'],
      [
        '',
        'P',
        'P1YT',
        'PT',
        'P1',
        '4D',
        'P1D2H',
        'P2D1Y',
        'P2S',
        'PT1D',
        'P1Y2W',
        'P0.5Y',
        'P1Y1D',
        'PT1H1S',
      ],
    ],
    ['idn-email', ['실례@실례.테스트', 'joe.bloggs@example.com'], ['2962', '@a', 'a@-b']],
    [
      'idn-hostname',
      [
        '실례.테스트',
        'a。b',
        'a．b',
        'ß',
        'ليهمابتكلموشعربي',
        'l·l',
        '\u0915\u094d\u200d\u0937',
        'xn--ll-0ea',
        'hostname',
        'a1.b2',
      ],
      [
        '〮실례.테스트',
        '실〮례.테스트',
        '-> $1.00 <--',
        '',
        '.',
        '。',
        'a。',
        'a·l',
        '\u0915\u200d\u0937',
        '-a',
        'a-',
        `${'실'.repeat(60)}.kr`,
        'XN--X',
        'Ä',
        'aא1a',
      ],
    ],
    [
      'ipv6',
      [
        '::1',
        '::',
        '::abef',
        '1:2:3:4:5:6:7:8',
        '::42:ff:1',
        'd6::',
        '::ffff:192.168.0.1',
        '1::d6:192.168.0.1',
        '1:2::192.168.0.1',
        'a:b:c:d:e:f:0::',
      ],
      [
        '12345::',
        '1:1:1:1:1:1:1:1:1',
        '::laptop',
        ':2:3:4:5:6:7:8',
        '1:2:3:4:5:6:7:',
        ':2:3:4::8',
        '1::2::3',
        '1::2:192.168.256.1',
        '::ffff:192.168.0.01',
        '1:2:3:4:5:6:7',
        '1',
        'fe80::a%eth1',
        '127.0.0.1',
        '::1 ',
        '100:100:100:100:100:100:255.255.255.255.255',
      ],
    ],
    [
      'uri-reference',
      ['//foo.bar/?baz=qux#quux', '/abc', 'abc', '', '#frag', 'a/b:c', 'http://a', '?x'],
      ['\\\\WINDOWS\\fileshare', '#frag\\ment', 'a b', '1a:b', '%A'],
    ],
    [
      'iri',
      ['http://ƒøø.ßår/?∂éœ=πîx#πîüx', 'http://[2001:0db8:85a3:0000:0000:8a2e:0370:7334]', 'a:'],
      [
        'http://2001:0db8:85a3:0000:0000:8a2e:0370:7334',
        '/abc',
        '\\\\WINDOWS\\filëßåré',
        'âππ',
        'a:b c',
      ],
    ],
    [
      'iri-reference',
      ['//ƒøø.ßår/?∂éœ=πîx#πîüx', '/âππ', 'âππ', '#ƒrägmênt', '?\ue000'],
      ['\\\\WINDOWS\\filëßåré', '#ƒräg\\mênt', '#\ue000'],
    ],
    [
      'uri-template',
      ['http://example.com/dictionary/{term:1}/{term}', 'dictionary', '{?x,y*}', 'é{a.b}', ''],
      ['http://example.com/dictionary/{term:1}/{term', '}', '{}', '{a b}', '{a:0}', '%', 'a b'],
    ],
    [
      'relative-json-pointer',
      ['1', '0/foo/bar', '2/0/baz/1/zip', '0#', '120/foo/bar', '0-1/a', '1+2#'],
      ['/foo/bar', '-1/foo/bar', '0##', '01/a', '01#', '', '+1/foo', '1x', '0/a~'],
    ],
    ['regex', ['([abc])+\\s+$', '', '\\p{L}'], ['^(abc]', '^\\S(|(.|\\n)*\\S)\\Z']],
    [
      'email',
      ['a@localhost', 'a@[IPv6:::1]', '"a\\"b"@c.d'],
      ['a@b..c', 'a@[::1]', `a@${'b'.repeat(64)}`, 'é@a', '"a"b"@c', `a@${'b.'.repeat(127)}c`],
    ],
  ])('%s is told from what looks like it', (name, right, wrong) => {
    for (const text of right) {
      expect(has(name, text), text).toBe(true);
      if (text !== '') expect(matches(name, text), text).toBe(true);
    }
    for (const text of wrong) expect(has(name, text), text).toBe(false);
  });

  it('knows only what the drafts define', () => {
    expect(formatOf('password')).toBeUndefined();
    expect(formatOf('toString')).toBeUndefined();
    expect(formatNames).toHaveLength(19);
  });
});
