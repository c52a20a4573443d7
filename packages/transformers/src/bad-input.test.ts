import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidOptionsError, PliantError } from '@pliant/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ChatTemplateError,
  LibraryError,
  ModelFilesError,
  UnsupportedTokenizerError,
} from './base/errors.js';
import { openTokenizer } from './open-tokenizer.js';

const small = {
  version: '1.0',
  added_tokens: [{ id: 3, content: '<end>', special: true }],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
  post_processor: null,
  decoder: { type: 'ByteLevel' },
  model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: [['a', 'b']] },
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pliant-bad-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Record<string, unknown>): Promise<void> {
  for (const [name, value] of Object.entries(files))
    await writeFile(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
}

describe('openTokenizer refuses', () => {
  it.each([
    ['broken JSON', '{"model":', /not valid JSON/],
    ['JSON that is no object', '[1]', /JSON object/],
    ['no vocabulary', {}, /model\.vocab/],
    ['an empty vocabulary', { model: { vocab: {} } }, /empty/],
    ['an absurd id', { ...small, model: { ...small.model, vocab: { a: 1e9 } } }, /1000000000/],
    ['a negative id', { ...small, model: { ...small.model, vocab: { a: -1 } } }, /-1/],
    ['an id that is no number', { ...small, model: { ...small.model, vocab: { a: '0' } } }, /'0'/],
    ['added tokens that are no list', { ...small, added_tokens: {} }, /added_tokens/],
    ['an added token without content', { ...small, added_tokens: [{ id: 3 }] }, /content/],
  ])('%s', async (_, tokenizerJson, message) => {
    await write({ 'tokenizer.json': tokenizerJson });
    await expect(openTokenizer(folder)).rejects.toThrow(ModelFilesError);
    await expect(openTokenizer(folder)).rejects.toThrow(message);
  });

  it.each([
    ['WordPiece', { ...small, decoder: { type: 'WordPiece', prefix: '##' } }],
    ['word-end marks', { ...small, model: { ...small.model, end_of_word_suffix: '</w>' } }],
    ['no decoder', { ...small, decoder: null, pre_tokenizer: null }],
    ['a normaliser that the library lacks', { ...small, normalizer: { type: 'Nonsense' } }],
    ['merges that are no list', { ...small, model: { ...small.model, merges: 5 } }],
  ])('%s', async (_, tokenizerJson) => {
    await write({ 'tokenizer.json': tokenizerJson });
    await expect(openTokenizer(folder)).rejects.toThrow(UnsupportedTokenizerError);
  });

  it('a folder that is not there or has no tokenizer.json', async () => {
    await expect(openTokenizer(join(folder, 'nowhere'))).rejects.toThrow(/is not a folder/);
    await expect(openTokenizer(folder)).rejects.toThrow(/tokenizer\.json: is missing/);
  });

  it('a link to a file outside of the folder, and takes one inside', async () => {
    await write({ 'elsewhere.json': small });
    await mkdir(join(folder, 'model'));
    await symlink(join(folder, 'elsewhere.json'), join(folder, 'model', 'tokenizer.json'));
    await expect(openTokenizer(join(folder, 'model'))).rejects.toThrow(
      /outside of the model folder/,
    );
    await symlink(join(folder, 'elsewhere.json'), join(folder, 'tokenizer.json'));
    expect((await openTokenizer(folder)).vocabularySize).toBe(4);
  });

  it('a file that is too large', async () => {
    await write({
      'tokenizer.json': small,
      'generation_config.json': `{"a":"${'x'.repeat(2 ** 22)}"}`,
    });
    await expect(openTokenizer(folder)).rejects.toThrow(/more than the 4194304 accepted/);
  });

  it('unknown and wrong options', async () => {
    for (const options of [
      { cache: 1 },
      { hub: { allow: false } },
      { hub: true },
      { library: 'v2' },
    ])
      await expect(openTokenizer(folder, options as object)).rejects.toThrow(InvalidOptionsError);
  });

  it('a module that is no transformers.js', async () => {
    await expect(openTokenizer(folder, { library: { pipeline: 1 } })).rejects.toThrow(LibraryError);
    await expect(openTokenizer(folder, { library: { env: { version: '4.0.0' } } })).rejects.toThrow(
      /@xenova\/transformers.*@huggingface\/transformers/,
    );
  });
});

describe('chat templates', () => {
  const messages = [{ role: 'user', content: 'ab' }];

  it('are read from chat_template.jinja, and from a list by the name default', async () => {
    const list = [
      { name: 'tool_use', template: 'no' },
      { name: 'default', template: 'yes' },
    ];
    await write({ 'tokenizer.json': small, 'tokenizer_config.json': { chat_template: list } });
    expect((await openTokenizer(folder)).renderChat(messages)).toBe('yes');
    await write({ 'chat_template.jinja': '{{ messages[0].content }}!' });
    expect((await openTokenizer(folder)).renderChat(messages)).toBe('ab!');
  });

  it('are refused when there is none, when they fail, and without messages', async () => {
    await write({ 'tokenizer.json': small });
    const without = await openTokenizer(folder);
    expect(() => without.renderChat(messages)).toThrow(ChatTemplateError);
    expect(() => without.renderChat(messages)).toThrow(/no chat template/);
    await write({ 'chat_template.jinja': "{{ raise_exception('roles must alternate') }}" });
    const failing = await openTokenizer(folder);
    expect(() => failing.renderChat(messages)).toThrow(/roles must alternate/);
    expect(() => failing.renderChat([])).toThrow(/no messages/);
    await write({ 'chat_template.jinja': 'always the same' });
    const deaf = await openTokenizer(folder);
    expect(() => deaf.renderChat(messages, { continueLast: true })).toThrow(/cannot be continued/);
  });

  it.each(['@xenova/transformers', '@huggingface/transformers'])(
    'may use what current templates use, with %s',
    async (name) => {
      const template = [
        '{%- macro greet(name) -%}hi {{ name }}{%- endmacro -%}',
        '{%- for m in messages if m.content is string -%}',
        '{%- if loop.index > 1 %}{% break %}{% endif -%}',
        '{{ greet(m.content | trim) }}{{ m.name | default("!") }}{{ m | tojson }}',
        '{%- endfor -%}',
      ].join('');
      await write({ 'tokenizer.json': small, 'chat_template.jinja': template });
      const tokenizer = await openTokenizer(folder, { library: await import(name) });
      expect(tokenizer.renderChat(messages)).toBe('hi ab!{"role": "user", "content": "ab"}');
    },
  );
});

describe('a damaged tokenizer.json', () => {
  it('may nest as deep as it likes', async () => {
    const nest = (open: string, close: string, inner: string) =>
      open.repeat(20_000) + inner + close.repeat(20_000);
    const deep = [
      `{"model":{"vocab":{"a":${nest('[', ']', '')}}}}`,
      JSON.stringify({ ...small, normalizer: '?' }).replace(
        '"?"',
        nest('{"type":"Sequence","normalizers":[', ']}', '{"type":"NFC"}'),
      ),
    ];
    for (const json of deep) {
      await write({ 'tokenizer.json': json });
      await expect(openTokenizer(folder)).rejects.toSatisfy((error) =>
        PliantError.isInstance(error),
      );
    }
  });

  it('is opened or refused with a typed error, never anything else', async () => {
    const text = JSON.stringify(small);
    const damage = fc.oneof(
      fc
        .record({ at: fc.nat(text.length), drop: fc.nat(12), put: fc.string({ maxLength: 4 }) })
        .map(({ at, drop, put }) => text.slice(0, at) + put + text.slice(at + drop)),
      fc
        .tuple(fc.constantFrom(...Object.keys(small)), fc.jsonValue())
        .map(([key, value]) => JSON.stringify({ ...small, [key]: value })),
      fc
        .tuple(
          fc.constantFrom('type', 'vocab', 'merges', 'unk_token', 'byte_fallback'),
          fc.jsonValue(),
        )
        .map(([key, value]) =>
          JSON.stringify({ ...small, model: { ...small.model, [key]: value } }),
        ),
    );
    const libraries = [
      await import('@xenova/transformers'),
      await import('@huggingface/transformers'),
    ];
    await fc.assert(
      fc.asyncProperty(damage, fc.constantFrom(...libraries), async (json, library) => {
        await write({ 'tokenizer.json': json });
        try {
          const tokenizer = await openTokenizer(folder, { library });
          const ids = tokenizer.encode('ab ba<end>');
          expect(Math.max(...ids)).toBeLessThan(tokenizer.vocabularySize);
          expect(tokenizer.decode([...ids])).toEqual(expect.any(String));
        } catch (error) {
          expect(PliantError.isInstance(error), String(error)).toBe(true);
        }
      }),
      { numRuns: 120, seed: 17 },
    );
  });
});
