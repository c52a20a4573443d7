import { TextEncodingError } from './errors.js';

/**
 * What the library's encode returned, checked: it gives no id where the vocabulary lacks a character and has no unknown token.
 * @param byteLength of a token
 * @throws TextEncodingError naming the character
 */
export function toTokenIds(
  ids: readonly (number | null | undefined)[],
  text: string,
  byteLength: (id: number) => number,
): Int32Array {
  const out = new Int32Array(ids.length);
  let bytes = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i];
    if (id === undefined || id === null) throw missingCharacter(text, bytes);
    bytes += byteLength(id);
    out[i] = id;
  }
  return out;
}

function missingCharacter(text: string, byteOffset: number): TextEncodingError {
  let bytes = 0;
  let index = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > byteOffset) {
      const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      return new TextEncodingError(
        `the vocabulary has no token for the character U+${code} at index ${index} of the text; take it out or replace it`,
      );
    }
    index += character.length;
  }
  return new TextEncodingError('the vocabulary cannot express the text');
}
