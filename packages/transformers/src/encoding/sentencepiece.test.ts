import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePrompt } from '@pliant/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTokenizer } from '../open-tokenizer.js';

const bytes = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
);
const pieces = ['▁', 'a', 'b', 'h', 'e', 'l', 'o', '▁h', 'el', 'lo', '▁hel', '▁hello', '▁▁', 'é'];
const special = ['<unk>', '<s>', '</s>', '<|end|>'];
const tokens = [...special.slice(0, 3), ...bytes, ...pieces];

/**
 * In the format of Llama 2: prefix space by a normaliser, byte fallback, an end-of-turn token after
 * the vocabulary.
 */
const tokenizerJson = {
  version: '1.0',
  added_tokens: special.map((content, i) => ({
    id: i < 3 ? i : tokens.length,
    content,
    special: true,
    normalized: false,
  })),
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Prepend', prepend: '▁' },
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    ],
  },
  pre_tokenizer: null,
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  },
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
  model: {
    type: 'BPE',
    unk_token: '<unk>',
    fuse_unk: true,
    byte_fallback: true,
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    merges: [
      ['▁', 'h'],
      ['e', 'l'],
      ['l', 'o'],
      ['▁h', 'el'],
      ['▁hel', 'lo'],
      ['▁', '▁'],
    ],
  },
};

const metaspace = {
  ...tokenizerJson,
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false },
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'ByteFallback' },
      { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' },
    ],
  },
};

const tokenizerConfig = {
  tokenizer_class: 'LlamaTokenizer',
  legacy: false,
  bos_token: { content: '<s>', lstrip: false, normalized: false },
  eos_token: '</s>',
  chat_template:
    "{{ bos_token }}{% for message in messages %}{{ '[' + message['role'] + ']' + message['content'] | trim + '<|end|>' }}{% endfor %}{% if add_generation_prompt %}{{ '[assistant]' }}{% endif %}",
};

describe.each(['@xenova/transformers', '@huggingface/transformers'])(
  'a sentencepiece tokenizer with %s',
  (name) => {
    let folder: string;
    let library: object;
    const open = () => openTokenizer(folder, { library });
    beforeAll(async () => {
      library = await import(name);
      folder = await mkdtemp(join(tmpdir(), 'pliant-sentencepiece-'));
      await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(tokenizerConfig));
      await writeFile(join(folder, 'generation_config.json'), '{"eos_token_id":[2,273]}');
    });
    afterAll(() => rm(folder, { recursive: true }));

    describe.each([
      ['Prepend', tokenizerJson],
      ['Metaspace', metaspace],
    ])('%s', (_, json) => {
      beforeAll(() => writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json)));

      it('has the expected ids and bytes', async () => {
        const tokenizer = await open();
        const idOf = (token: string) => tokens.indexOf(token);
        expect([...tokenizer.encode('hello hello\n😀')]).toEqual(
          ['h', 'el', 'lo', '▁hello', '<0x0A>', '<0xF0>', '<0x9F>', '<0x98>', '<0x80>'].map(idOf),
        );
        expect(tokenizer.bytes(idOf('▁hello'))).toEqual(new TextEncoder().encode(' hello'));
        expect(tokenizer.bytes(idOf('<0xF0>'))).toEqual(Uint8Array.of(0xf0));
        expect(tokenizer.bytes(1)).toEqual(new TextEncoder().encode('<s>'));
        expect(tokenizer.endOfText).toEqual(new Set([2, 273]));
        expect(tokenizer.special).toEqual(new Set([0, 1, 2, 273]));
        expect(tokenizer.vocabularySize).toBe(274);
      });

      it('has tokens whose bytes join to the text', async () => {
        const tokenizer = await open();
        const parts = fc.oneof(
          fc.constantFrom(
            'hello',
            ' hello',
            '  ',
            '<s>',
            '<|end|>',
            '<0x0A>',
            '\r\n',
            'e\u0301',
            '👩‍👧',
            'é',
          ),
          fc.string({ unit: 'binary' }),
        );
        fc.assert(
          fc.property(fc.array(parts), (texts) => {
            const text = texts.join('').replaceAll('▁', '');
            const ids = [...tokenizer.encode(text)];
            expect(Buffer.concat(ids.map((id) => tokenizer.bytes(id)))).toEqual(Buffer.from(text));
          }),
          { numRuns: 80, seed: 11 },
        );
      });
    });

    it('has the prefix space in prompts where the tokenizer puts it', async () => {
      const messages = [{ role: 'user', content: 'hello' }];
      const spelled = async (json: object) => {
        await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json));
        const tokenizer = await open();
        expect(tokenizer.renderChat(messages)).toBe('<s>[user]hello<|end|>[assistant]');
        const chat = encodePrompt({ messages }, tokenizer);
        const [{ message }] = chat.spans;
        expect(chat.text.slice(message!.textFrom, message!.textTo)).toBe('hello');
        return [chat.text, encodePrompt({ text: 'hello' }, tokenizer).text];
      };
      expect(await spelled(tokenizerJson)).toEqual([
        '<s> [user]hello<|end|> [assistant]',
        '<s> hello',
      ]);
      expect(await spelled(metaspace)).toEqual(['<s>[user]hello<|end|>[assistant]', '<s> hello']);
    });

    it('continues a message that the template trims', async () => {
      await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(metaspace));
      const messages = [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: ' b ' },
      ];
      expect((await open()).renderChat(messages, { continueLast: true })).toBe(
        '<s>[user]a<|end|>[assistant]b ',
      );
    });
  },
);
