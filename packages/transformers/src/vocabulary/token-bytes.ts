import { InvalidArgumentError, show } from '@pliant/core';
import { UnsupportedTokenizerError } from '../base/errors.js';
import { isObject, type JsonObject } from '../library/model-files.js';
import { stepsOf } from './steps.js';
import type { Vocabulary } from './vocabulary.js';

/** Bytes of every token, in one buffer. */
export class TokenBytes {
  readonly #bytes: Uint8Array;
  /** [ids + 1] */
  readonly #offsets: Uint32Array;
  /** Bytes of a byte-level tokenizer that occur in UTF-8 and that no token stands for. */
  readonly missing: ReadonlySet<number>;
  /**
   * Most bytes that one token stands for; undefined where an unknown token can stand for any
   * number.
   */
  readonly longest: number | undefined;

  /**
   * @throws UnsupportedTokenizerError when the decoder of the tokenizer.json is neither byte-level
   * nor sentencepiece
   */
  constructor(tokenizerJson: JsonObject, { tokens, added }: Vocabulary) {
    const toBytes = bytesOfToken(tokenizerJson);
    const literal = new Set(
      added.filter((token) => token.special || toBytes.byteLevel).map(({ id }) => id),
    );
    const parts = tokens.map((token, id) =>
      token === undefined ? nothing : literal.has(id) ? utf8.encode(token) : toBytes(token),
    );
    this.#offsets = new Uint32Array(tokens.length + 1);
    for (let id = 0; id < parts.length; id++)
      this.#offsets[id + 1] = this.#offsets[id] + parts[id].length;
    this.#bytes = new Uint8Array(this.#offsets[tokens.length]);
    for (let id = 0; id < parts.length; id++) this.#bytes.set(parts[id], this.#offsets[id]);
    this.longest = toBytes.coversAll
      ? parts.reduce((most, { length }) => Math.max(most, length), 1)
      : undefined;
    const single = new Set(parts.filter(({ length }) => length === 1).map(([byte]) => byte));
    this.missing = new Set(toBytes.byteLevel ? utf8Bytes.filter((byte) => !single.has(byte)) : []);
  }

  /** Whether there are tokens for all of a text, whatever else is in it. */
  covers(text: string): boolean {
    return this.longest !== undefined && !Buffer.from(text).some((byte) => this.missing.has(byte));
  }

  /**
   * A view; empty for ids without a token, such as the padding rows that some models have beyond
   * their vocabulary.
   */
  of(id: number): Uint8Array {
    if (!Number.isInteger(id) || id < 0)
      throw new InvalidArgumentError('bytes', [
        { path: 'id', message: `${show(id)} is not a token id` },
      ]);
    return id + 1 < this.#offsets.length
      ? this.#bytes.subarray(this.#offsets[id], this.#offsets[id + 1])
      : nothing;
  }
}

const nothing = new Uint8Array(0);
const utf8 = new TextEncoder();
/** C0, C1 and F5 to FF never occur. */
const utf8Bytes = Array.from({ length: 0xf5 }, (_, byte) => byte).filter(
  (byte) => byte !== 0xc0 && byte !== 0xc1,
);

interface BytesOfToken {
  (token: string): Uint8Array;
  readonly byteLevel: boolean;
  /** Every text has tokens that stand for its bytes. */
  readonly coversAll: boolean;
}

function bytesOfToken({ decoder, pre_tokenizer, model }: JsonObject): BytesOfToken {
  const steps = stepsOf(decoder ?? pre_tokenizer, ['decoders', 'pretokenizers']);
  if (isObject(model) && (model.end_of_word_suffix || model.continuing_subword_prefix))
    throw unsupported('tokens marked by a suffix or prefix');
  if (steps.some(({ type }) => type === 'ByteLevel'))
    return Object.assign(byteLevelBytes, { byteLevel: true, coversAll: true });
  const replacements: [string, string][] = [];
  let byteFallback = isObject(model) && model.byte_fallback === true;
  for (const step of steps) {
    const { type, pattern, content, replacement } = step;
    if (type === 'ByteFallback') byteFallback = true;
    else if (type === 'Metaspace')
      replacements.push([(replacement as string | undefined) ?? '▁', ' ']);
    else if (type === 'Replace' && isObject(pattern) && typeof pattern.String === 'string')
      replacements.push([pattern.String, String(content ?? '')]);
    // Fuse joins, and Strip takes away the space that encoding would put before the text: neither
    // belongs to a token.
    else if (type !== 'Fuse' && type !== 'Strip') throw unsupported(`a decoder of type ${type}`);
  }
  if (replacements.length === 0) throw unsupported('no decoder');
  const toBytes = (token: string) => {
    const byte = byteFallback ? /^<0x([0-9A-Fa-f]{2})>$/.exec(token) : null;
    if (byte) return Uint8Array.of(Number.parseInt(byte[1], 16));
    return utf8.encode(replacements.reduce((text, [from, to]) => text.replaceAll(from, to), token));
  };
  return Object.assign(toBytes, {
    byteLevel: false,
    coversAll: isObject(model) && model.type === 'BPE' && model.byte_fallback === true,
  });
}

function unsupported(what: string): UnsupportedTokenizerError {
  return new UnsupportedTokenizerError(
    `tokenizer.json has ${what}; the bytes of a token are known for byte-level BPE and for sentencepiece tokenizers (Metaspace or Replace, byte fallback) only. Use a model with one of these.`,
  );
}

/**
 * GPT-2's bytes_to_unicode, reversed: printable Latin-1 stands for itself, the other bytes for
 * U+0100 and up in order.
 */
const byteOfCharacter: ReadonlyMap<string, number> = (() => {
  const map = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    map.set(String.fromCharCode(printable ? byte : next++), byte);
  }
  return map;
})();

/** A token with a character outside the map (none that training makes) is its own text. */
function byteLevelBytes(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = byteOfCharacter.get(token[i]);
    if (byte === undefined) return utf8.encode(token);
    bytes[i] = byte;
  }
  return bytes;
}
