import { encodePrompt, type Message } from '@pliant/core';
import { describe, expect, test } from 'vitest';
import { libraries, openFiles, readCases } from './cases.test.support.js';

interface Case {
  readonly id: string;
  readonly about: string;
  readonly files: Readonly<Record<string, unknown>>;
  readonly chats: readonly { messages: Message[]; text: string; ids: number[] }[];
  readonly texts: readonly { text: string; ids: number[]; idsWithSpecialTokens: number[] }[];
}

const cases = [...readCases<Case>('tokenizers'), ...readCases<Case>('random-tokenizers')];

/** Ids are those of Python's transformers, which obeys control tokens wherever they stand. */
const obeying = (messages: readonly Message[]) =>
  messages.map((message) => ({ ...message, controlTokens: 'obey' as const }));

describe.each(libraries)('with %s', (name) => {
  test.each(cases.map((given) => [given.id, given] as const))(
    '%s reads as the model’s own tokenizer does',
    async (_, { files, chats, texts }) => {
      const tokenizer = await openFiles(files, { library: await import(name) });
      for (const { messages, text, ids } of chats) {
        expect(tokenizer.renderChat(messages)).toBe(text);
        const prompt = encodePrompt({ messages: obeying(messages) }, tokenizer);
        expect([...prompt.ids]).toEqual(ids);
        const spelled = Buffer.concat(Array.from(prompt.ids, (id) => tokenizer.bytes(id)));
        expect(prompt.text).toBe(spelled.toString());
      }
      for (const { text, ids, idsWithSpecialTokens } of texts) {
        const read = (bos: boolean) =>
          ids.length > 0 || (bos && idsWithSpecialTokens.length > 0)
            ? [...encodePrompt({ text, bos }, tokenizer).ids]
            : [];
        expect(read(false)).toEqual(ids);
        // What a post-processor puts after a text would end it.
        const after = idsWithSpecialTokens.length > ids.length + 1 ? 1 : 0;
        expect(read(true)).toEqual(
          idsWithSpecialTokens.slice(0, idsWithSpecialTokens.length - after),
        );
      }
    },
  );
});
