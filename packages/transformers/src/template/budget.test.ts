import { describe, expect, it } from 'vitest';
import { ChatTemplateError, ModelFilesError, UnsupportedTokenizerError } from '../base/errors.js';
import { baseTokenizer, libraries, openFiles } from '../cases.test.support.js';

const messages = [{ role: 'user', content: 'hi there' }];
const many = '{% for i in range(40) %}';

/** Templates that take time or memory without end. */
const greedy: readonly (readonly [string, string])[] = [
  ['a long range', '{% for i in range(100000000) %}x{% endfor %}'],
  ['ranges in ranges', `${'{% for i in range(1000) %}'.repeat(4)}x${'{% endfor %}'.repeat(4)}`],
  ['a range that is only made', '{% set a = range(100000000) %}'],
  ['a range with a tiny step', '{% set a = range(0, 1, 0) %}'],
  ['a macro that calls itself', '{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}'],
  [
    'a text that doubles',
    `{% set ns = namespace(s='xy') %}${many}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}`,
  ],
  [
    'a text that doubles by +',
    `{% set ns = namespace(s='xy') %}${many}{% set ns.s = ns.s + ns.s %}{% endfor %}`,
  ],
  [
    'a list that doubles',
    `{% set ns = namespace(s=[1]) %}${many}{% set ns.s = ns.s + ns.s %}{% endfor %}`,
  ],
  [
    'a list in a list in a list',
    `{% set ns = namespace(s=[1]) %}${many}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}`,
  ],
  [
    'the same as JSON',
    `{% set ns = namespace(s={}) %}${many}{% set ns.s = {'a': ns.s, 'b': ns.s} %}{% endfor %}{{ ns.s | tojson }}`,
  ],
  ['namespaces in one another', `{% set a = namespace() %}{% set a.a = a %}{{ a | tojson }}`],
  [
    'replace that grows',
    `{% set ns = namespace(s='aa') %}${many}{% set ns.s = ns.s | replace('a', 'aaaaaaaa') %}{% endfor %}`,
  ],
  [
    'a method that grows',
    `{% set ns = namespace(s='aa') %}${many}{% set ns.s = ns.s.replace('a', 'aaaaaaaa') %}{% endfor %}`,
  ],
  [
    'a method by another name',
    `{% set x = 'a,' %}${many.replace('40', '20')}{% set x = x ~ x %}{% endfor %}{% set ns = namespace(s='a') %}${many.replace('40', '18')}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{% set f = ns.s['replace'] %}{{ f('a', ns.s) }}`,
  ],
  [
    'a filter block',
    `{% set ns = namespace(s='aa') %}${many.replace('40', '18')}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{% filter replace('a', ns.s) %}{{ ns.s }}{% endfilter %}`,
  ],
  [
    'join with a long separator',
    `{% set ns = namespace(s='a') %}${many.replace('40', '20')}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ range(100000) | join(ns.s) }}`,
  ],
  ['a deep indent', `{{ 'a\nb' | indent(1000000000) }}`],
  ['a deep indent, unpacked', `{{ 'a\nb' | indent(*[1000000000]) }}`],
  ['a deep indent of JSON', `{{ [1, [2]] | tojson(indent=1000000000) }}`],
  [
    'a text cut into letters',
    `{% set ns = namespace(s='a,') %}${many.replace('40', '20')}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s.split(',') | length }}`,
  ],
  [
    'lists that are kept',
    `{% set ns = namespace(s=[]) %}{% for i in range(100000) %}{% set ns.s = ns.s + [range(90000)] %}{% endfor %}`,
  ],
  ['deep nesting', `{{ ${'['.repeat(20_000)}1${']'.repeat(20_000)} }}`],
  ['deep blocks', `${'{% if 1 %}'.repeat(20_000)}${'{% endif %}'.repeat(20_000)}`],
];

it.each(greedy)('%s in a chat template is an error', async (_, chat_template) => {
  const files = { 'tokenizer.json': baseTokenizer, 'tokenizer_config.json': { chat_template } };
  const tokenizer = await openFiles(files);
  expect(() => tokenizer.renderChat(messages)).toThrow(ChatTemplateError);
});

describe.each(libraries)('with %s', (name) => {
  it.each([
    ['a pre-tokenizer', { pre_tokenizer: sequence(split('(a+)+$')) }],
    ['another', { pre_tokenizer: sequence(split('\\s+|(?:a|aa)+b')) }],
    [
      'a normaliser',
      { normalizer: { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: 'b' } },
    ],
  ])('a pattern of %s that backtracks without end is an error', async (_, parts) => {
    const files = { 'tokenizer.json': { ...baseTokenizer, ...parts } };
    const tokenizer = await openFiles(files, { library: await import(name) });
    expect([...tokenizer.encode('ab')].length).toBeGreaterThan(0);
    expect(() => tokenizer.encode(`${'a'.repeat(40)}!`)).toThrow(UnsupportedTokenizerError);
    expect([...tokenizer.encode('ab')].length).toBeGreaterThan(0);
  });

  it.each([
    undefined,
    null,
    '',
    [],
    {},
    { type: 'Whitespace' },
    { type: 'WhitespaceSplit' },
    { type: 'Nonsense' },
  ])('a tokenizer that loses text is refused: pre_tokenizer %j', async (pre_tokenizer) => {
    const files = { 'tokenizer.json': { ...baseTokenizer, pre_tokenizer } };
    const opened = openFiles(files, { library: await import(name) });
    await expect(opened).rejects.toThrow(UnsupportedTokenizerError);
  });
});

function sequence(...steps: readonly object[]) {
  return {
    type: 'Sequence',
    pretokenizers: [...steps, { ...baseTokenizer.pre_tokenizer, use_regex: false }],
  };
}

function split(Regex: string) {
  return { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false };
}

it('files may begin with a byte order mark', async () => {
  const bom = (value: unknown) => `\uFEFF${JSON.stringify(value)}`;
  const tokenizer = await openFiles({
    'tokenizer.json': bom(baseTokenizer),
    'config.json': bom({ eos_token_id: 2 }),
    'tokenizer_config.json': bom({}),
    'chat_template.jinja': '\uFEFF{{ messages[0].content }}',
  });
  expect(tokenizer.endOfText).toEqual(new Set([2]));
  expect(tokenizer.renderChat(messages)).toBe('hi there');
  await expect(openFiles({ 'tokenizer.json': '\uFEFF{' })).rejects.toThrow(ModelFilesError);
});
