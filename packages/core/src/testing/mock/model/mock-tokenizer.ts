import { z } from 'zod/v4';
import { fingerprintVocabulary } from '../../../checks/fingerprint.js';
import { parseArguments } from '../../../checks/parse-options.js';
import { show } from '../../../checks/show.js';
import { InvalidArgumentError } from '../../../contract/errors.js';
import type { Message, Tokenizer } from '../../../contract/tokenizer.js';
import { checkMessages } from '../../../prompt/check-messages.js';

const idsArguments = z.strictObject({ ids: z.array(z.number()).readonly() });
const textArguments = z.strictObject({ text: z.string() });
const start = '<|start|>';
const end = '<|end|>';

const merges = [
  ' the',
  ' a',
  ' t',
  ' of',
  ' to',
  ' and',
  ' in',
  ' is',
  'the',
  'th',
  'he',
  'in',
  'ing',
  'er',
  'an',
  're',
  'on',
  'at',
  'st',
  'en',
  'or',
  'es',
  'll',
  'ou',
  '  ',
  '\n\n',
  '. ',
  ', ',
  '00',
  '{"',
  '":',
  '",',
  '"}',
  'é',
];

/**
 * Half characters, the tail of a character with what follows, and a whole one: what byte-level
 * vocabularies really hold.
 */
const byteMerges = [
  [0xf0, 0x9f], // the first half of most emoji
  [0x98, 0x80], // the second half of U+1F600
  [0xf0, 0x9f, 0x91], // three of four bytes
  [0x8d, 0x21], // the last byte of U+1F44D and '!'
  [0xe2, 0x80], // the opening of dashes and curly quotes
  [0x99, 0x73], // the last byte of U+2019 and 's'
  [0xe2, 0x82, 0xac], // U+20AC, whole
  [0xc3], // a single byte again: one text, two tokens
];

function vocabulary(): Uint8Array[] {
  const encoder = new TextEncoder();
  return [
    ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
    ...merges.map((text) => encoder.encode(text)),
    ...byteMerges.map((bytes) => Uint8Array.from(bytes)),
    encoder.encode(start),
    encoder.encode(end),
  ];
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/**
 * A byte-level tokenizer of 300 ids: the 256 bytes, 42 merges (some of them half a character, one a
 * second token for a byte that `encode` never uses), and the control tokens `<|start|>` (298) and
 * `<|end|>` (299, end of text). It encodes by the longest match from the left. The chat template is
 * `<|start|>role\ncontent<|end|>\n` for each message. It keeps every promise of `Tokenizer`; in
 * addition `decode(encode(text))` is `text` when it has no lone surrogate.
 */
export function mockTokenizer(): Tokenizer {
  const tokens = vocabulary();
  const startId = tokens.length - 2;
  const endId = tokens.length - 1;
  const ids = new Map<string, number>();
  for (let id = 0; id < startId; id++) {
    const key = latin1(tokens[id]);
    if (!ids.has(key)) ids.set(key, id);
  }
  const longest = Math.max(...tokens.slice(0, startId).map((bytes) => bytes.length));
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  const bytes = (id: number) => {
    const token = typeof id === 'number' ? tokens[id] : undefined;
    if (!token)
      throw new InvalidArgumentError('bytes', [
        { path: 'id', message: `${show(id)} is outside of 0 to ${tokens.length - 1}` },
      ]);
    return token;
  };

  function encodePlain(text: string, into: number[]): void {
    const raw = Buffer.from(text, 'utf8').toString('latin1');
    for (let at = 0; at < raw.length; ) {
      let length = Math.min(longest, raw.length - at);
      while (!ids.has(raw.slice(at, at + length))) length--;
      into.push(ids.get(raw.slice(at, at + length))!);
      at += length;
    }
  }

  return {
    vocabularySize: tokens.length,
    fingerprint: fingerprintVocabulary(tokens.map(latin1)),
    endOfText: new Set([endId]),
    special: new Set([startId, endId]),
    encode(text) {
      parseArguments('encode', textArguments, { text });
      const encoded: number[] = [];
      for (const part of text.split(/(<\|start\|>|<\|end\|>)/)) {
        if (part === start) encoded.push(startId);
        else if (part === end) encoded.push(endId);
        else encodePlain(part, encoded);
      }
      return Int32Array.from(encoded);
    },
    decode(ids) {
      parseArguments('decode', idsArguments, { ids });
      return decoder.decode(Buffer.concat(ids.map(bytes)));
    },
    // A copy: the caller may write into it.
    bytes: (id) => bytes(id).slice(),
    renderChat(given, options = {}) {
      const messages = checkMessages(given);
      const turns = messages.map(({ role, content }: Message) => `${start}${role}\n${content}`);
      return options.continueLast
        ? turns.join(`${end}\n`)
        : [...turns, `${start}assistant\n`].join(`${end}\n`);
    },
  };
}
