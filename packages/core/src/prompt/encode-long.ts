import { setImmediate } from 'node:timers/promises';
import { z } from 'zod/v4';
import { functionSchema, signalSchema, tokenizerSchema } from '../checks/argument-schemas.js';
import { parseArguments } from '../checks/parse-options.js';
import type {
  EncodedPrompt,
  Prompt,
  TextSection,
  TokenizedText,
  Tokenizer,
} from '../contract/tokenizer.js';
import { checkPrompt } from './check-prompt.js';
import { encodeChecked, encodeText, type PromptText, textOfPrompt } from './encode-prompt.js';
import { spansOf } from './prompt-spans.js';
import { cutBefore, sectionsWithin } from './text-cuts.js';
import { tokenize } from './tokenize.js';

/** UTF-16 units of a text that are encoded at a time: some 30 ms. */
const pieceSize = 2 ** 16;

export interface LongReading {
  readonly signal?: AbortSignal;
  /** Tokens from which on the prompt is too long. */
  readonly room: number;
  /**
   * The error of a prompt of at least so many tokens; undefined where it is read all the same.
   * Asked only for one that is too long.
   */
  readonly refuse: (tokens: number) => Error | undefined;
}

const argumentsSchema = z.strictObject({
  tokenizer: tokenizerSchema,
  reading: z.strictObject({
    signal: signalSchema.optional(),
    room: z.number(),
    refuse: functionSchema('must be a function that gives an error or undefined'),
  }),
});

/** Whether a text is encoded at once, without a look at the clock. */
function isShort({ text }: PromptText): boolean {
  return text.length <= 2 * pieceSize;
}

/**
 * `encodePrompt` for a prompt of any length: one that cannot fit is refused before it is encoded,
 * or as soon as enough of it is, and between pieces other work of the process goes on. After an
 * abort what was encoded so far is returned.
 * @throws InvalidArgumentError; PromptError as `encodePrompt` does, and what `refuse` gives
 */
export async function encodePromptWithin(
  prompt: Prompt,
  tokenizer: Tokenizer,
  reading: LongReading,
): Promise<EncodedPrompt> {
  parseArguments('encodePromptWithin', argumentsSchema, { tokenizer, reading });
  const checked = checkPrompt(prompt, tokenizer.vocabularySize);
  return 'ids' in checked
    ? encodeChecked(checked, tokenizer)
    : encodeLong(textOfPrompt(checked, tokenizer), tokenizer, reading);
}

/** `encodePromptWithin` for a text that is rendered. */
export async function encodeLong(
  prompt: PromptText,
  tokenizer: Tokenizer,
  { signal, room, refuse }: LongReading,
): Promise<EncodedPrompt> {
  const { text, options, sections } = prompt;
  const requireRoom = (tokens: number) => {
    const error = tokens < room ? undefined : refuse(tokens);
    if (error) throw error;
  };
  requireRoom(leastTokens(text, tokenizer.longestToken, room));
  if (isShort(prompt)) return encodeText(prompt, tokenizer);
  const { literal = [] } = options;
  const pieces: TokenizedText[] = [];
  const bytes: number[] = [];
  let tokens = 0;
  for (let begin = 0; begin < text.length; ) {
    const end = endOfPiece(text, begin, tokenizer, literal);
    const piece = tokenize(text.slice(begin, end), tokenizer, {
      literal: sectionsWithin(literal, begin, end),
      continues: begin > 0 || options.continues,
      bos: begin === 0 && options.bos,
    });
    pieces.push(piece);
    bytes.push(Buffer.byteLength(text.slice(begin, end)));
    tokens += piece.ids.length;
    requireRoom(tokens);
    begin = end;
    await setImmediate();
    if (signal?.aborted) break;
  }
  return spansOf(text, join(pieces, bytes), sections, tokenizer);
}

/**
 * The end of the piece that begins at `begin`: the first place after it at which the text can be
 * cut.
 */
function endOfPiece(
  text: string,
  begin: number,
  tokenizer: Tokenizer,
  literal: readonly TextSection[],
): number {
  for (let wished = begin + pieceSize; wished < text.length; wished += pieceSize) {
    const end = cutBefore(text, begin, wished, tokenizer, literal);
    if (end !== undefined) return end;
  }
  return text.length;
}

/**
 * At least so many tokens a text has, counted up to `room`. Blanks do not count: control tokens and
 * normalisers take any number of them.
 */
function leastTokens(text: string, longestToken: number | undefined, room: number): number {
  if (longestToken === undefined || text.length * 3 < room) return 0;
  let bytes = 0;
  for (let at = 0; at < text.length && bytes < room * longestToken; at += pieceSize)
    bytes += Buffer.byteLength(text.slice(at, at + pieceSize).replace(/\s+/g, ''));
  return Math.floor(bytes / longestToken);
}

/** @param bytes of each piece of the text */
function join(pieces: readonly TokenizedText[], bytes: readonly number[]): TokenizedText {
  const count = pieces.reduce((sum, { ids }) => sum + ids.length, 0);
  const ids = new Int32Array(count);
  const byteStart = new Int32Array(count);
  const byteEnd = new Int32Array(count);
  let at = 0;
  let base = 0;
  pieces.forEach((piece, i) => {
    ids.set(piece.ids, at);
    byteStart.set(
      piece.byteStart.map((byte) => byte + base),
      at,
    );
    byteEnd.set(
      piece.byteEnd.map((byte) => byte + base),
      at,
    );
    at += piece.ids.length;
    base += bytes[i];
  });
  const warnings = [...new Set(pieces.flatMap((piece) => piece.warnings ?? []))];
  return { ids, byteStart, byteEnd, before: pieces[0].before, warnings };
}
