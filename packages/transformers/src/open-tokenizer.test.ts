import { InvalidArgumentError } from '@pliant/core';
import { readJson, readText } from '@pliant/fixtures';
import { smollm2 } from '@pliant/model-smollm2-135m';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTokenizer } from './open-tokenizer.js';

interface Golden {
  promptText: string;
  ids: number[];
}

/** Bytes of UTF-8 that the model's vocabulary has no token for. */
const missing = [0x04, 0x06, 0x13, 0x14, 0x16, 0x1d, 0xf1, 0xf2];

function expressible(text: string): boolean {
  return !Buffer.from(text).some((byte) => missing.includes(byte));
}

const fragments = [
  'The quick brown fox',
  ' 12,345.67 €',
  '👩‍👩‍👧‍👦',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'e\u0301\u0323',
  'नमस्ते',
  'مرحبا',
  '漢字かな',
  '\r\n',
  '\n\n\t',
  '  ',
  '<|im_start|>',
  '<|im_end|>',
  '<|im',
  'if (a !== b) { return a ?? b; }',
  '\ufeff',
  "it's",
  '\u00a0',
];

const textArbitrary = fc
  .array(
    fc.oneof(
      fc.constantFrom(...fragments),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join(''))
  .filter(expressible);

const libraries = ['@xenova/transformers', '@huggingface/transformers'];
const tokenizers = libraries.map(async (name) =>
  openTokenizer(smollm2, { library: await import(name) }),
);

describe.each(libraries.map((name, i) => [name, tokenizers[i]] as const))(
  'openTokenizer with %s',
  (name, opened) => {
    it('says which library it runs on', async () => {
      expect((await opened).library).toBe(name);
    });

    it.each(['chat-1', 'chat-2', 'code', 'needle-600'])(
      'gives the reference ids of %s',
      async (golden) => {
        const { promptText, ids } = readJson<Golden>(`goldens/${golden}.json`);
        expect([...(await opened).encode(promptText)]).toEqual(ids);
      },
    );

    it('renders the reference chats', async () => {
      const tokenizer = await opened;
      const chats = {
        'chat-1': 'What is the capital of France?',
        'chat-2': 'Give me three tips for growing tomatoes on a balcony.',
      };
      for (const [golden, content] of Object.entries(chats))
        expect(tokenizer.renderChat([{ role: 'user', content }])).toBe(
          readJson<Golden>(`goldens/${golden}.json`).promptText,
        );
    });

    it('has tokens whose bytes join to the text, and decodes back to it', async () => {
      const tokenizer = await opened;
      fc.assert(
        fc.property(textArbitrary, (text) => {
          const ids = [...tokenizer.encode(text)];
          expect(Buffer.concat(ids.map((id) => tokenizer.bytes(id)))).toEqual(Buffer.from(text));
          const visible = ids.filter((id) => !tokenizer.special.has(id));
          expect(tokenizer.decode(ids)).toBe(
            Buffer.concat(visible.map((id) => tokenizer.bytes(id))).toString(),
          );
          if (visible.length === ids.length)
            expect(tokenizer.decode(ids)).toBe(Buffer.from(text).toString());
        }),
        { numRuns: 100, seed: 3 },
      );
    });

    it('decodes any list of ids to its joined bytes without the special tokens', async () => {
      const tokenizer = await opened;
      const id = fc.integer({ min: 0, max: tokenizer.vocabularySize - 1 });
      fc.assert(
        fc.property(fc.array(id), (ids) => {
          const bytes = ids
            .filter((id) => !tokenizer.special.has(id))
            .map((id) => tokenizer.bytes(id));
          expect(tokenizer.decode(ids)).toBe(Buffer.concat(bytes).toString());
        }),
        { numRuns: 40, seed: 5 },
      );
    });

    it('encodes a long text', async () => {
      const tokenizer = await opened;
      const text = readText('texts/alice29.txt').slice(0, 50_000);
      const ids = tokenizer.encode(text);
      expect(ids.length).toBeGreaterThan(text.length / 6);
      expect(tokenizer.decode([...ids])).toBe(text);
    });

    it('recognises control tokens and adds none', async () => {
      const tokenizer = await opened;
      expect([...tokenizer.encode('<|im_start|><|im_end|>')]).toEqual([1, 2]);
      expect([...tokenizer.encode('')]).toEqual([]);
      expect(tokenizer.bytes(2)).toEqual(new TextEncoder().encode('<|im_end|>'));
      expect(tokenizer.endOfText).toEqual(new Set([2]));
      expect(tokenizer.special).toEqual(new Set(Array.from({ length: 17 }, (_, id) => id)));
      expect(tokenizer.vocabularySize).toBe(49_152);
    });

    it('leaves the last message open', async () => {
      const tokenizer = await opened;
      const question = { role: 'user', content: 'Name a colour.' };
      const answer = { role: 'assistant', content: 'My favourite colour is ' };
      const opening = tokenizer.renderChat([question]);
      expect(tokenizer.renderChat([question, answer], { continueLast: true })).toBe(
        opening + answer.content,
      );
      expect(tokenizer.renderChat([question, answer])).toBe(
        `${opening}${answer.content}<|im_end|>\n<|im_start|>assistant\n`,
      );
    });

    it('refuses a text with a character that the vocabulary lacks', async () => {
      const tokenizer = await opened;
      expect(() => tokenizer.encode('tabs\u0009 and \u{50000}')).toThrow(/U\+50000 at index 10/);
      expect(() => tokenizer.encode('\u0014')).toThrow(/U\+0014 at index 0/);
    });

    it('has no bytes beyond the vocabulary and refuses what is no id', async () => {
      const tokenizer = await opened;
      expect(tokenizer.bytes(60_000)).toHaveLength(0);
      expect(() => tokenizer.bytes(-1)).toThrow(InvalidArgumentError);
      expect(() => tokenizer.bytes(0.5)).toThrow(InvalidArgumentError);
    });
  },
);

describe('openTokenizer', () => {
  it('is the same with either library', async () => {
    const [v2, v4] = await Promise.all(tokenizers);
    expect(v2.fingerprint).toBe(v4.fingerprint);
    fc.assert(
      fc.property(textArbitrary, (text) => {
        expect(v2.encode(text)).toEqual(v4.encode(text));
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  it('finds an installed library by itself, with telemetry off and the environment untouched', async () => {
    const { env } = await import('@xenova/transformers');
    const before = { ...env };
    expect((await openTokenizer(smollm2)).library).toBe('@huggingface/transformers');
    expect({ ...env }).toEqual(before);
    expect(process.env.ORT_DISABLE_TELEMETRY).toBe('1');
  });
});
