import type { ReadingOptions, TokenizedText } from '@pliant/core';
import { UnsupportedTokenizerError } from '../base/errors.js';
import { withinTime } from '../base/within-time.js';
import type { LibraryTokenizer } from '../library/library.js';
import { AddedTokens, type Piece } from '../vocabulary/added-tokens.js';
import type { ByteFallback } from '../vocabulary/byte-fallback.js';
import type { TokenBytes } from '../vocabulary/token-bytes.js';
import type { AddedToken } from '../vocabulary/vocabulary.js';
import { alignTokens } from './align-tokens.js';
import { encodeChecked } from './encode-checked.js';
import type { PrefixSpace } from './prefix-space.js';

/**
 * The library's tokenizers over one vocabulary. They know no added tokens but those that stand in
 * normalised text.
 */
export interface SectionTokenizers {
  /** Without the prefix space. */
  readonly plain: LibraryTokenizer;
  /** With it. */
  prefixed(): LibraryTokenizer;
  /** Its place; undefined if it has none. */
  readonly prefix: PrefixSpace | undefined;
  /**
   * Whether the tokenizer.json has regular expressions: programs, of which some backtrack for
   * longer than anyone waits.
   */
  readonly hasPatterns: boolean;
}

export interface TextEncoderParts {
  readonly tokenizers: SectionTokenizers;
  /** Path of the tokenizer.json, for errors. */
  readonly path: string;
  /** Recognised in the text as it is. */
  readonly added: readonly AddedToken[];
  readonly tokenBytes: TokenBytes;
  readonly special: ReadonlySet<number>;
  readonly byteFallback: ByteFallback | undefined;
  /** Put before a text, in order. */
  readonly before: readonly number[];
  /** Id of the unknown token. */
  readonly unknown: number | undefined;
}

/**
 * Encodes as the model's own tokenizer does: the text is split at added tokens here, so that
 * control tokens can be text in parts of it, and the library encodes what lies between.
 */
export class TextEncoder {
  readonly #parts: TextEncoderParts;
  readonly #added: AddedTokens;

  constructor(parts: TextEncoderParts) {
    this.#parts = parts;
    this.#added = new AddedTokens(parts.added);
  }

  /** See `Tokenizer.encode`. */
  encode(given: string): Int32Array {
    const { special, tokenizers } = this.#parts;
    const text = wellFormed(given);
    return this.#inTime(text, () => {
      const pieces = this.#added.split(text, special);
      return join(pieces.map((piece) => this.#idsOf(text, piece, tokenizers.plain)));
    });
  }

  /** See `Tokenizer.tokenize`. */
  tokenize(given: string, options: ReadingOptions): TokenizedText {
    const { tokenizers } = this.#parts;
    // Made before the clock starts.
    if (tokenizers.prefix) tokenizers.prefixed();
    const text = wellFormed(given);
    return this.#inTime(text, () => this.#tokenize(text, options));
  }

  #inTime<T>(text: string, call: () => T): T {
    const { tokenizers, path } = this.#parts;
    if (!tokenizers.hasPatterns) return call();
    const limit = timeFor(text.length);
    return withinTime(
      limit,
      call,
      () =>
        new UnsupportedTokenizerError(
          `${path}: a pattern of its normalizer or pre_tokenizer takes more than ${Math.round(limit)} ms for a text of ${text.length} characters; correct the pattern, or use another model`,
        ),
    );
  }

  #tokenize(
    text: string,
    { literal, continues = false, bos = false }: ReadingOptions,
  ): TokenizedText {
    const { special, before, tokenBytes, unknown } = this.#parts;
    const pieces = this.#added.split(text, special, literal);
    const put = bos ? before : [];
    const lists: Int32Array[] = [Int32Array.from(put)];
    const starts = [new Int32Array(put.length)];
    const ends = [new Int32Array(put.length)];
    let lost = 0;
    let at = 0;
    let byte = 0;
    const advance = (to: number) => {
      // Back only where one token has taken the blanks of another.
      byte +=
        to < at ? -Buffer.byteLength(text.slice(to, at)) : Buffer.byteLength(text.slice(at, to));
      at = to;
      return byte;
    };
    for (const piece of pieces) {
      const from = advance(piece.from);
      const ids = this.#idsOf(text, piece, this.#tokenizerOf(piece, continues));
      const to = advance(piece.to);
      lists.push(ids);
      const start = new Int32Array(ids.length);
      const end = new Int32Array(ids.length);
      if (piece.id === undefined) {
        locate(Buffer.from(text.slice(piece.from, piece.to)), ids, tokenBytes, from, start, end);
        lost += unknown === undefined ? 0 : ids.filter((id) => id === unknown).length;
      } else {
        start[0] = from;
        end[0] = to;
      }
      starts.push(start);
      ends.push(end);
    }
    const warnings: string[] = [];
    if (lost > 0)
      warnings.push(
        `${lost} tokens of the prompt are the vocabulary's unknown token: the characters that they stand for are lost to the model`,
      );
    if (put.length > 0 && text.startsWith(spell(put, tokenBytes)))
      warnings.push(
        `the text begins with ${spell(put, tokenBytes)}, and the tokenizer put another before it; leave it out of the text, or give the prompt as { text, bos: false }`,
      );
    return {
      ids: join(lists),
      byteStart: join(starts),
      byteEnd: join(ends),
      before: put.length,
      ...(warnings.length > 0 ? { warnings } : {}),
    };
  }

  #tokenizerOf({ from }: Piece, continues: boolean): LibraryTokenizer {
    const { tokenizers } = this.#parts;
    const { prefix } = tokenizers;
    const isStart = from === 0;
    if (!prefix || (isStart && continues) || (prefix.where === 'start' && !isStart))
      return tokenizers.plain;
    return tokenizers.prefixed();
  }

  #idsOf(text: string, { from, to, id }: Piece, tokenizer: LibraryTokenizer): Int32Array {
    if (id !== undefined) return Int32Array.of(id);
    const { tokenBytes, byteFallback, tokenizers } = this.#parts;
    const section = text.slice(from, to);
    const parts = byteFallback?.split(section) ?? [section];
    if (parts.length === 1 && parts[0] === section)
      return encodeChecked(tokenizer, section, tokenBytes);
    const lists = parts.map((part, i) => {
      if (typeof part !== 'string') return Int32Array.from(part);
      return encodeChecked(i === 0 ? tokenizer : tokenizers.plain, part, tokenBytes);
    });
    // The prefix space has nothing to stand before but what the vocabulary lacks.
    if (tokenizer !== tokenizers.plain && typeof parts[0] !== 'string')
      lists.unshift(encodeChecked(tokenizers.plain, ' ', tokenBytes));
    return join(lists);
  }
}

/**
 * Milliseconds for a text of so many UTF-16 units: one second and one for each 20,000, up to ten;
 * five for each million beyond.
 */
function timeFor(length: number): number {
  return Math.max(Math.min(1_000 + length / 20, 10_000), length / 200);
}

/** Half of a surrogate pair has no UTF-8: it is read as U+FFFD. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** Byte ranges of the tokens of one stretch of text, which begins at `base`. */
function locate(
  text: Uint8Array,
  ids: Int32Array,
  tokenBytes: TokenBytes,
  base: number,
  start: Int32Array,
  end: Int32Array,
): void {
  const spelled = Buffer.concat(Array.from(ids, (id) => tokenBytes.of(id)));
  const offsets = spelled.equals(text) ? undefined : alignTokens(text, spelled);
  let offset = 0;
  ids.forEach((id, i) => {
    start[i] = base + (offsets ? offsets[offset] : offset);
    offset += tokenBytes.of(id).length;
    end[i] = base + (offsets ? offsets[offset] : offset);
  });
}

function spell(ids: readonly number[], tokenBytes: TokenBytes): string {
  return Buffer.concat(ids.map((id) => tokenBytes.of(id))).toString();
}

function join(lists: readonly Int32Array[]): Int32Array {
  const joined = new Int32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    joined.set(list, at);
    at += list.length;
  }
  return joined;
}
