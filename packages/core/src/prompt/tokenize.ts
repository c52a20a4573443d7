import { PromptError } from '../contract/errors.js';
import type { ReadingOptions, TokenizedText, Tokenizer } from '../contract/tokenizer.js';
import { controlTokenCuts } from './chat-marks.js';
import { controlTokenFinder } from './control-tokens.js';

/**
 * The tokens of a prompt's text: by the tokenizer's own `tokenize`, or else by `encode`, with
 * control tokens that are text cut in two.
 */
export function tokenize(
  text: string,
  tokenizer: Tokenizer,
  options: ReadingOptions,
): TokenizedText {
  if (tokenizer.tokenize) return tokenizer.tokenize(text, options);
  const { literal = [] } = options;
  const cuts =
    literal.length === 0 ? [] : controlTokenCuts(text, controlTokenFinder(tokenizer), literal);
  const pieces = [0, ...cuts].map((from, i) => encodePiece(text.slice(from, cuts[i]), tokenizer));
  if (cuts.length > 0) requireText(pieces, cuts, tokenizer);
  const ids =
    pieces.length === 1 ? pieces[0] : Int32Array.from(pieces.flatMap((piece) => [...piece]));
  const byteStart = new Int32Array(ids.length);
  const byteEnd = new Int32Array(ids.length);
  let offset = 0;
  for (let i = 0; i < ids.length; i++) {
    byteStart[i] = offset;
    offset += tokenizer.bytes(ids[i]).length;
    byteEnd[i] = offset;
  }
  return { ids, byteStart, byteEnd, before: 0 };
}

const encodePiece = (piece: string, tokenizer: Tokenizer) => tokenizer.encode(piece);

/** A control token of one character cannot be cut. */
function requireText(
  pieces: readonly Int32Array[],
  cuts: readonly number[],
  tokenizer: Tokenizer,
): void {
  pieces.slice(0, cuts.length).forEach((piece, i) => {
    const last = piece.at(-1);
    if (last !== undefined && tokenizer.special.has(last) && tokenizer.bytes(last).length === 1)
      throw new PromptError(
        `the control token at index ${cuts[i] - 1} of the prompt's text is a single character, which this tokenizer cannot read as text; take it out, or mark the message controlTokens: 'obey'`,
      );
  });
}
