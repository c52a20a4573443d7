import type { Tokenizer } from '@pliant/core';
import { TextEncodingError, UnsupportedTokenizerError } from '../base/errors.js';
import { isObject, type JsonObject } from '../library/model-files.js';
import { stepsOf } from '../vocabulary/steps.js';
import type { TokenBytes } from '../vocabulary/token-bytes.js';

/** Nothing that a documented normaliser changes. */
const plain = ['hello world', 'a b, c. 1 2', 'it is (so) <x>'];
/** Changes that an encoding may make. */
const more = [
  'Hello  World',
  'w\u00f6rld \u6f22\u5b57 \u{1f600}',
  '1.5 and\n\tx\n',
  'A-B_c [y]{z}',
];

/**
 * Encodes a few texts and compares the bytes of the tokens: a library leaves out what it does not
 * know of a tokenizer.json, and then loses text.
 * @param unknown id of the unknown token, which a text that the vocabulary cannot express may have
 * @param path of the tokenizer.json, for errors
 * @throws UnsupportedTokenizerError
 */
export function checkEncoding(
  tokenizer: Pick<Tokenizer, 'encode' | 'bytes'>,
  { normalizer }: JsonObject,
  {
    tokenBytes,
    unknown,
    path,
  }: {
    readonly tokenBytes: TokenBytes;
    readonly unknown: number | undefined;
    readonly path: string;
  },
): void {
  for (const text of isLossless(normalizer) ? [...plain, ...more] : plain) {
    const spelled = spellingOf(text, tokenizer, unknown);
    if (spelled === undefined ? tokenBytes.covers(text) : spelled !== text)
      throw new UnsupportedTokenizerError(
        `${path}: the library reads ${JSON.stringify(text)} as ${spelled === undefined ? 'nothing' : JSON.stringify(spelled)} with this tokenizer.json; check its normalizer and pre_tokenizer (of a byte-level model the pre_tokenizer is needed), or hand in the other library as \`library\``,
      );
  }
}

/** Ids of the tokens; undefined if the text cannot be expressed. */
function spellingOf(
  text: string,
  { encode, bytes }: Pick<Tokenizer, 'encode' | 'bytes'>,
  unknown: number | undefined,
): string | undefined {
  let ids: Int32Array;
  try {
    ids = encode(text);
  } catch (error) {
    if (TextEncodingError.isInstance(error)) return undefined;
    throw error;
  }
  if (unknown !== undefined && ids.includes(unknown)) return undefined;
  return Buffer.concat(Array.from(ids, (id) => bytes(id))).toString();
}

/** Whether a normaliser only writes spaces as sentencepiece does. */
export function isLossless(normalizer: unknown): boolean {
  return stepsOf(normalizer, ['normalizers']).every(
    ({ type, pattern, content }) =>
      type === 'Prepend' ||
      (type === 'Replace' && isObject(pattern) && pattern.String === ' ' && content === '\u2581'),
  );
}
