import { PromptError } from '../contract/errors.js';
import type {
  EncodedPrompt,
  PromptSpan,
  TextSection,
  TokenizedText,
  Tokenizer,
} from '../contract/tokenizer.js';
import { spellTokens } from './spelled-tokens.js';

/** A section of a prompt's text that becomes a span. */
export interface MarkedSection extends TextSection {
  readonly role: string;
  readonly keep: 'always' | 'may-drop';
  readonly message?: { readonly index: number; readonly contentFrom: number };
}

/**
 * The prompt of tokenized text. Its own text is what the tokens spell, which differs from the text
 * given by prefix spaces and what a normaliser changes; a token that reaches into a section belongs
 * to its span.
 * @throws PromptError if there are no tokens
 */
export function spansOf(
  text: string,
  tokenized: TokenizedText,
  sections: readonly MarkedSection[],
  tokenizer: Tokenizer,
): EncodedPrompt {
  const { ids, before, warnings } = tokenized;
  if (ids.length === 0) throw new PromptError('the prompt is empty');
  const { bytes: spelled, byteStart, byteEnd } = spellTokens(ids, tokenizer);
  const given = Buffer.from(text);
  const isSame = spelled.equals(given);
  const prompt = { ids, text: isSame ? text : spelled.toString(), byteStart, byteEnd };
  const inText = new Offsets(text);
  const inPrompt = new Offsets(prompt.text);
  const spans: PromptSpan[] = [];
  if (before > 0) spans.push({ from: 0, to: before, role: 'text', keep: 'always' });
  let token = before;
  for (const { from, to, role, keep, message } of sections) {
    const fromByte = inText.byteAt(from);
    const toByte = inText.byteAt(to);
    while (token < ids.length && tokenized.byteEnd[token] <= fromByte) token++;
    const first = token;
    while (token < ids.length && tokenized.byteStart[token] < toByte) token++;
    if (first === token) continue;
    const span = { from: first, to: token, role, keep };
    if (!message) {
      spans.push(span);
      continue;
    }
    const spelledFrom = byteEnd[first] - (tokenized.byteEnd[first] - fromByte);
    const spelledTo = byteEnd[token - 1] - (tokenized.byteEnd[token - 1] - toByte);
    const isWhole =
      isSame || spelled.subarray(spelledFrom, spelledTo).equals(given.subarray(fromByte, toByte));
    if (!isWhole) {
      spans.push(span);
      continue;
    }
    const textFrom = isSame ? from : inPrompt.unitAt(spelledFrom);
    spans.push({ ...span, message: { ...message, textFrom, textTo: textFrom + (to - from) } });
  }
  return { ...prompt, spans, ...(warnings?.length ? { warnings } : {}) };
}

/** UTF-16 and UTF-8 offsets of a text, asked for in ascending order. */
class Offsets {
  readonly #text: string;
  #unit = 0;
  #byte = 0;
  #bytes: Buffer | undefined;
  constructor(text: string) {
    this.#text = text;
  }

  byteAt(unit: number): number {
    this.#byte += Buffer.byteLength(this.#text.slice(this.#unit, unit));
    this.#unit = unit;
    return this.#byte;
  }

  unitAt(byte: number): number {
    this.#bytes ??= Buffer.from(this.#text);
    this.#unit += this.#bytes.subarray(this.#byte, byte).toString().length;
    this.#byte = byte;
    return this.#unit;
  }
}
