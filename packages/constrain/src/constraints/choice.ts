import { parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Constraint } from '../contract/constraint.js';
import { narrow, type SortedTexts, type TextRange, walkTexts } from '../text/sorted-texts.js';

/** The texts that `choice` takes. */
export const choiceTexts = z
  .array(z.string().refine((text) => !/\p{Surrogate}/u.test(text), 'holds half a surrogate pair'))
  .min(1, 'must have at least one text to choose from');
const utf8 = new TextEncoder();

/**
 * One of the given texts, exactly; `result.value` is the one chosen. Texts may be beginnings of
 * others, and a byte costs a binary search, however many they are.
 *
 * ```ts
 * constrain(choice(['positive', 'negative', 'neutral']));
 * ```
 * @throws InvalidOptionsError for an empty list, or a text with half a surrogate pair
 */
export function choice<const Text extends string>(
  texts: readonly Text[],
): Constraint<unknown, Text> {
  parseOptions('choice', choiceTexts, texts);
  const sorted = [...new Set<string>(texts)]
    .map((text) => utf8.encode(text))
    .sort((a, b) => Buffer.compare(a, b));
  const list: SortedTexts = {
    count: sorted.length,
    byteAt: (index, depth) => sorted[index][depth] ?? -1,
  };
  const canEnd = ({ from, depth }: TextRange) => sorted[from].length === depth;
  const constraint: Constraint<TextRange, Text> = {
    name: `choice of ${sorted.length} texts`,
    start: () => ({ from: 0, to: sorted.length, depth: 0 }),
    ...walkTexts<TextRange>(list, (range, byte) => narrow(list, range, byte), canEnd),
    canEnd,
    // Texts are different: only one can end here.
    mustEnd: (range) => range.to === range.from + 1 && canEnd(range),
    // Only called with a text that satisfies the constraint, which is one of them.
    value: (text) => text as Text,
  };
  return constraint;
}
