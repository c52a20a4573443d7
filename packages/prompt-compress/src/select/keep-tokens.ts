import type { EncodedPrompt } from '@pliant/core';

/**
 * Returns the prompt with some of its tokens. The text and the byte ranges in it stay as they are;
 * spans move to the new indices, and empty ones are removed.
 * @param kept token indices, ascending
 */
export function keepTokens(prompt: EncodedPrompt, kept: Int32Array): EncodedPrompt {
  // [n + 1], kept tokens before each index.
  const before = new Int32Array(prompt.ids.length + 1);
  for (const token of kept) before[token + 1] = 1;
  for (let i = 1; i < before.length; i++) before[i] += before[i - 1];
  return {
    ids: kept.map((token) => prompt.ids[token]),
    text: prompt.text,
    byteStart: kept.map((token) => prompt.byteStart[token]),
    byteEnd: kept.map((token) => prompt.byteEnd[token]),
    spans: prompt.spans
      .map((span) => ({ ...span, from: before[span.from], to: before[span.to] }))
      .filter((span) => span.from < span.to),
  };
}
