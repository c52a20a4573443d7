import { PromptError } from '../contract/errors.js';
import type { CacheBounds } from '../contract/middleware.js';
import type { Stack } from '../turn/turn.js';

/** The smallest budget that snapKV works with is 33 rows. */
const leastForSnapKV = 33;

/**
 * The end of an error message: what a user can do about a text that is longer than the decoder's
 * context. Shortening the prompt with a draft is not offered, because a draft usually has the same
 * context.
 */
export function wayBeyondContext({
  decoder,
  middlewares,
}: Pick<Stack, 'decoder' | 'middlewares'>): string {
  const { capabilities, shape } = decoder;
  const needs = ['kv.edit', 'positions.explicit', 'positions.renumber'] as const;
  if (!needs.every((need) => capabilities.has(need)))
    return 'shorten it, or open a model with a longer context';
  const budget = Math.max(5, Math.floor(shape.maxPositions / 4));
  const policy = capabilities.has('scores') && budget >= leastForSnapKV ? 'snapKV' : 'streamingLLM';
  const drop = `kvDrop({ policy: ${policy}(), budget: ${budget}, betweenChunks: true, positions: 'renumber' })`;
  const how = middlewares.some(({ name }) => name === 'kv-drop')
    ? `give kvDrop betweenChunks and positions as in ${drop}`
    : `read it through ${drop} of @pliant/kv-drop`;
  return `shorten it, or ${how}: the text may then have any length, and ${budget} rows of it are kept`;
}

/** @param end position after the prompt, or after the most that a bounded cache holds of it */
export function beyondContext(
  end: number,
  stack: Stack,
  { renumbers, prefill }: CacheBounds = {},
): PromptError {
  const { id, shape } = stack.decoder;
  const { maxPositions } = shape;
  if (renumbers)
    return new PromptError(
      `${prefill} rows stay between chunks, and the context of '${id}' is ${maxPositions}, which leaves no room to read on; give a smaller budget`,
    );
  return new PromptError(
    `the prompt ends at position ${end} and the context of '${id}' is ${maxPositions}, one of them for the answer; ${wayBeyondContext(stack)}`,
  );
}
