import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mockTokenizer } from '../../testing/index.js';
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

/**
 * The text up to the first token that completes a stop string, cut where the earliest of those that
 * are whole begins.
 */
function cutText(tokens: Int32Array, stop: readonly string[]) {
  for (let count = 1; count <= tokens.length; count++) {
    const text = tokenizer.decode([...tokens.subarray(0, count)]);
    const ends = stop.map((s) => text.indexOf(s)).filter((at) => at >= 0);
    if (ends.length > 0) return { expected: text.slice(0, Math.min(...ends)), stops: true };
  }
  return { expected: tokenizer.decode([...tokens]), stops: false };
}

test('deltas add up to the text before the first stop string, and none is taken back', () => {
  fc.assert(
    fc.property(words, fc.array(words.filter(Boolean), { maxLength: 3 }), (text, stop) => {
      const tokens = tokenizer.encode(text);
      const { expected, stops } = cutText(tokens, stop);
      const { deltas, text: streamed, stopped } = run(tokens, stop);
      expect(stopped).toBe(stops);
      expect(streamed).toBe(expected);
      expect(deltas.join('')).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

test('a stop string that is whole ends the text, also where a longer one may have begun before', () => {
  expect(run(tokenizer.encode('€ 😀'), [' ', '€ 😀']).text).toBe('€');
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
