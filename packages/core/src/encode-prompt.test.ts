import { expect, test } from 'vitest';
import { encodeLaterTurn, encodePrompt } from './encode-prompt.js';
import { PromptError } from './errors.js';
import { mockTokenizer } from './testing/index.js';

const tokenizer = mockTokenizer();

test('byte ranges are those of the rendered text', () => {
  const prompt = encodePrompt({ text: 'a 😀 the end' }, tokenizer);
  const bytes = Buffer.from(prompt.text);
  prompt.ids.forEach((id, i) => {
    expect(bytes.subarray(prompt.byteStart[i], prompt.byteEnd[i])).toEqual(
      Buffer.from(tokenizer.bytes(id)),
    );
  });
  expect(prompt.byteEnd.at(-1)).toBe(bytes.length);
  expect(prompt.spans).toEqual([
    { from: 0, to: prompt.ids.length, role: 'text', keep: 'may-drop' },
  ]);
});

test('the text of ids holds the control tokens that the offsets count', () => {
  const ids = tokenizer.encode('<|start|>user\nHi<|end|>');
  const prompt = encodePrompt({ ids }, tokenizer);
  expect(prompt.text).toBe('<|start|>user\nHi<|end|>');
  expect(prompt.byteEnd.at(-1)).toBe(prompt.text.length);
});

test('each message has the span of its content', () => {
  const messages = [
    { role: 'system', content: 'Be brief. 😀', keep: 'always' as const },
    { role: 'user', content: 'user' },
    { role: 'user', content: '' },
  ];
  const { ids, spans } = encodePrompt({ messages }, tokenizer);
  expect(spans.map(({ role, keep }) => [role, keep])).toEqual([
    ['system', 'always'],
    ['user', 'may-drop'],
  ]);
  const text = ({ from, to }: { from: number; to: number }) =>
    tokenizer.decode([...ids.slice(from, to)]);
  expect(text(spans[0])).toContain('Be brief. 😀');
  // The role has the same text as the content; the span is the content's.
  expect(tokenizer.decode([...ids.slice(spans[1].from - 2, spans[1].from)])).toMatch(/\n$/);
});

test('each span says where in the text and in its message it begins', () => {
  const messages = [
    { role: 'system', content: '' },
    { role: 'user', content: ' \n e\u0301 😀\r\n' },
    { role: 'user', content: 'user' },
  ];
  const trimming = {
    ...tokenizer,
    renderChat: (given: typeof messages, options?: { continueLast?: boolean }) =>
      tokenizer.renderChat(
        given.map((message) => ({ ...message, content: message.content.trim() })),
        options,
      ),
  };
  for (const used of [tokenizer, trimming]) {
    const { text, spans } = encodePrompt({ messages }, used);
    expect(spans.map(({ message }) => message?.index)).toEqual([1, 2]);
    for (const { message } of spans) {
      const { index, textFrom, textTo, contentFrom } = message!;
      const found = text.slice(textFrom, textTo);
      expect(found).toBe(messages[index].content.trim());
      expect(messages[index].content.indexOf(found)).toBe(contentFrom);
    }
  }
});

test('spans of a later turn say where in its text and in the chat they are', () => {
  const history = [{ role: 'user', content: 'One 😀' }];
  const { text, spans } = encodeLaterTurn(
    [...history, { role: 'assistant', content: 'Two, three' }],
    [{ role: 'user', content: 'Four 😀' }],
    'three',
    tokenizer,
  );
  const [{ message }] = spans;
  expect(message!.index).toBe(2);
  expect(text.slice(message!.textFrom, message!.textTo)).toBe('Four 😀');
});

test('a message that the template rewrites cannot be protected', () => {
  const shouting = { ...tokenizer, renderChat: () => 'HELLO' };
  const messages = [{ role: 'user', content: 'hello' }];
  expect(encodePrompt({ messages }, shouting).spans).toEqual([]);
  expect(() => encodePrompt({ messages: [{ ...messages[0], keep: 'always' }] }, shouting)).toThrow(
    PromptError,
  );
});
