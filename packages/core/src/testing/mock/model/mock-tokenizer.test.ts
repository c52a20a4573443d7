import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidArgumentError } from '../../../contract/errors.js';
import { mockTokenizer } from './mock-tokenizer.js';

const tokenizer = mockTokenizer();
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('😀', '👍!', 'it’s', '€', '<|start|>', '<|end|>', '<|', '\ufeff', ' the'),
    ),
  )
  .map((parts) => parts.join(''));

test('the bytes of the tokens are the UTF-8 of the text', () => {
  fc.assert(
    fc.property(text, (t) => {
      const bytes = [...tokenizer.encode(t)].map((id) => tokenizer.bytes(id));
      expect(Buffer.concat(bytes)).toEqual(Buffer.from(t, 'utf8'));
    }),
  );
});

test('decode undoes encode', () => {
  fc.assert(fc.property(text, (t) => tokenizer.decode([...tokenizer.encode(t)]) === t));
});

test('characters are split over tokens, in every way the vocabulary offers', () => {
  const split = (t: string) => [...tokenizer.encode(t)].map((id) => [...tokenizer.bytes(id)]);
  expect(split('😀')).toEqual([
    [0xf0, 0x9f],
    [0x98, 0x80],
  ]);
  expect(split('👍!')).toEqual([
    [0xf0, 0x9f, 0x91],
    [0x8d, 0x21],
  ]);
  expect(split('’s')).toEqual([
    [0xe2, 0x80],
    [0x99, 0x73],
  ]);
  expect(split('€')).toEqual([[0xe2, 0x82, 0xac]]);
  expect(split('in the')).toHaveLength(2);
});

test('the template opens the turn of the assistant, or leaves the last message open', () => {
  const messages = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hel' },
  ];
  expect(tokenizer.renderChat(messages)).toBe(
    '<|start|>user\nHi<|end|>\n<|start|>assistant\nHel<|end|>\n<|start|>assistant\n',
  );
  expect(tokenizer.renderChat(messages, { continueLast: true })).toBe(
    '<|start|>user\nHi<|end|>\n<|start|>assistant\nHel',
  );
});

test('300 ids, control tokens recognised in text, an id outside is refused', () => {
  expect(tokenizer.vocabularySize).toBe(300);
  expect([...tokenizer.encode('a<|end|>')]).toEqual([97, 299]);
  expect([...tokenizer.special]).toEqual([298, 299]);
  expect([...tokenizer.endOfText]).toEqual([299]);
  expect(tokenizer.fingerprint).toBe(mockTokenizer().fingerprint);
  expect(() => tokenizer.bytes(300)).toThrow(InvalidArgumentError);
  expect(() => tokenizer.decode([-1])).toThrow(InvalidArgumentError);
});
