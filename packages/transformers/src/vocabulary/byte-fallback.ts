import { isObject, type JsonObject } from '../library/model-files.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * Characters that a Unigram vocabulary lacks, read as the tokens of their bytes where it has those
 * (`byte_fallback`): the libraries give the unknown token instead.
 */
export class ByteFallback {
  readonly #characters: ReadonlySet<string>;
  /** Ids of the 256 bytes. */
  readonly #bytes: readonly number[];

  private constructor(characters: ReadonlySet<string>, bytes: readonly number[]) {
    this.#characters = characters;
    this.#bytes = bytes;
  }

  /** Undefined for a tokenizer without it. */
  static of(
    { model }: JsonObject,
    { tokens }: Vocabulary,
    special: ReadonlySet<number>,
  ): ByteFallback | undefined {
    if (!isObject(model) || model.type !== 'Unigram' || model.byte_fallback !== true)
      return undefined;
    const ids = new Map(tokens.map((token, id) => [token, id]));
    const names = Array.from({ length: 256 }, (_, byte) =>
      byte.toString(16).toUpperCase().padStart(2, '0'),
    );
    const bytes = names.map((name) => ids.get(`<0x${name}>`) ?? -1);
    if (bytes.includes(-1)) return undefined;
    const characters = new Set([' ']);
    tokens.forEach((token, id) => {
      if (token === undefined || special.has(id) || bytes.includes(id)) return;
      for (const character of token) characters.add(character);
    });
    return new ByteFallback(characters, bytes);
  }

  /** Stretches of text in order, and between them the ids of what the vocabulary lacks. */
  split(text: string): (string | number[])[] {
    const parts: (string | number[])[] = [];
    let known = '';
    for (const character of text) {
      if (this.#characters.has(character)) {
        known += character;
        continue;
      }
      if (known !== '') parts.push(known);
      known = '';
      parts.push(Array.from(Buffer.from(character), (byte) => this.#bytes[byte]));
    }
    if (known !== '') parts.push(known);
    return parts;
  }
}
