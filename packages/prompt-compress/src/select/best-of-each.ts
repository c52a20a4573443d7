import type { EncodedPrompt } from '@pliant/core';
import type { PromptText } from '../tokens/prompt-text.js';
import type { TokenRange, Unit } from '../tokens/token-range.js';

/**
 * Lists, for each message of which nothing stays yet, its units that are not blank, best first. The
 * message with the best unit comes first.
 */
export function bestOfEach(
  prompt: EncodedPrompt,
  { characters: { start, end } }: PromptText,
  required: Uint8Array,
  ranked: readonly Unit[],
): Unit[][] {
  const isBlank = ({ from, to }: TokenRange) => !prompt.text.slice(start[from], end[to - 1]).trim();
  // [n], 1 + the index of a span that has nothing yet; 0 elsewhere.
  const spanOf = new Int32Array(required.length);
  prompt.spans.forEach(({ from, to }, index) => {
    if (!required.subarray(from, to).includes(1)) spanOf.fill(index + 1, from, to);
  });
  const ofSpans = new Map<number, Unit[]>();
  for (const block of ranked) {
    const span = spanOf[block.from];
    if (span === 0 || spanOf[block.to - 1] !== span || isBlank(block)) continue;
    if (!ofSpans.has(span)) ofSpans.set(span, []);
    ofSpans.get(span)!.push(block);
  }
  return [...ofSpans.values()];
}
