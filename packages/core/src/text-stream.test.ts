import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mockTokenizer } from './testing/index.js';
import { TextStream } from './text-stream.js';

const tokenizer = mockTokenizer();

/** Deltas released token by token; the last one after the end. */
function run(tokens: Iterable<number>, stop: readonly string[]) {
  const stream = new TextStream(tokenizer, stop);
  const deltas: string[] = [];
  for (const token of tokens) {
    if (stream.push(token)) break;
    deltas.push(stream.release(false));
  }
  deltas.push(stream.release(true));
  return { deltas, text: stream.text, stopped: stream.stopped };
}

const words = fc.string({
  unit: fc.constantFrom('a', 'b', 'ab', '€', '😀', ' ', '\n'),
  maxLength: 30,
});

test('deltas add up to the text before the first stop string, and none is taken back', () => {
  fc.assert(
    fc.property(words, fc.array(words.filter(Boolean), { maxLength: 3 }), (text, stop) => {
      const ends = stop.map((s) => text.indexOf(s)).filter((at) => at >= 0);
      const expected = ends.length > 0 ? text.slice(0, Math.min(...ends)) : text;
      const { deltas, text: streamed, stopped } = run(tokenizer.encode(text), stop);
      expect(stopped).toBe(ends.length > 0);
      expect(streamed).toBe(expected);
      expect(deltas.join('')).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

test('a character split over tokens comes whole', () => {
  const tokens = tokenizer.encode('😀!');
  expect(tokens.length).toBeGreaterThan(2);
  expect(run(tokens, []).deltas.filter(Boolean)).toEqual(['😀', '!']);
});

test('half a character at the end is left out', () => {
  expect(run(tokenizer.encode('a😀').slice(0, 2), []).text).toBe('a');
});

test('bytes that are no character become the replacement character', () => {
  expect(run([0xff, 'a'.charCodeAt(0)], []).text).toBe('\ufffda');
});

test('control tokens are not text', () => {
  const [start] = tokenizer.special;
  expect(run([start, 'a'.charCodeAt(0)], []).text).toBe('a');
});

test('a replayed stream releases only what is new', () => {
  const tokens = [...tokenizer.encode('hello there')];
  const stream = new TextStream(tokenizer, []);
  for (const token of tokens) stream.push(token);
  expect(stream.release(true)).toBe('hello there');
  const shorter = stream.replay(tokens.slice(0, -1));
  expect(shorter.release(true)).toBe('');
  shorter.push(tokenizer.encode('!')[0]);
  expect(shorter.release(true)).toBe('!');
});
