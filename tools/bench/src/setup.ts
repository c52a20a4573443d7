import type { Tokenizer } from '@pliant/core';
import { readText } from '@pliant/fixtures';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';

/** Threads of every contestant. */
export const threads = 2;

/** The first tokens of Alice in Wonderland: every contestant reads the same. */
export async function readPrompt(tokens: number): Promise<Int32Array> {
  const tokenizer = await openTokenizer(smollm2);
  return tokenizer.encode(readText('texts/alice29.txt').slice(0, 8 * tokens)).subarray(0, tokens);
}

/** A tokenizer without an end of text, so that every generation has as many tokens as asked for. */
export async function openEndlessTokenizer(): Promise<Tokenizer> {
  const tokenizer = await openTokenizer(smollm2);
  return {
    vocabularySize: tokenizer.vocabularySize,
    fingerprint: tokenizer.fingerprint,
    endOfText: new Set(),
    special: tokenizer.special,
    encode: (text) => tokenizer.encode(text),
    decode: (ids) => tokenizer.decode(ids),
    bytes: (id) => tokenizer.bytes(id),
    renderChat: (messages, options) => tokenizer.renderChat(messages, options),
  };
}
