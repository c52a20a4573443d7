import { TextEncodingError, UnsupportedTokenizerError } from '../base/errors.js';
import type { LibraryTokenizer } from '../library/library.js';
import type { TokenBytes } from '../vocabulary/token-bytes.js';

/**
 * Ids of `text`, checked: where a vocabulary lacks a character and has no unknown token, one
 * library gives no id and the other leaves the character out.
 * @throws TextEncodingError naming the character, UnsupportedTokenizerError when the library fails
 */
export function encodeChecked(
  tokenizer: LibraryTokenizer,
  text: string,
  tokenBytes: TokenBytes,
): Int32Array {
  if (tokenBytes.missing.size > 0) {
    const at = Buffer.from(text).findIndex((byte) => tokenBytes.missing.has(byte));
    if (at >= 0) throw missingCharacter(text, at);
  }
  const ids = encode(tokenizer, text);
  const checked = new Int32Array(ids.length);
  let bytes = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i];
    if (id === undefined || id === null) throw missingCharacter(text, bytes);
    bytes += tokenBytes.of(id).length;
    checked[i] = id;
  }
  return checked;
}

function encode(tokenizer: LibraryTokenizer, text: string): (number | null | undefined)[] {
  try {
    return tokenizer.encode(text);
  } catch (error) {
    throw new UnsupportedTokenizerError(
      `the library cannot encode a text of ${text.length} characters with this tokenizer.json (${(error as Error).message}); check the file, or hand in the other library as \`library\``,
      { cause: error },
    );
  }
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
