import { PromptError } from '../contract/errors.js';
import type { Stack, Turn } from '../turn/turn.js';
import { beyondContext } from './beyond-context.js';

/**
 * Refuses a prompt that the decoder cannot read: an empty one, one with ids that it does not know,
 * or one that leaves no room for the answer.
 * @param from rotary position of the first token
 * @throws PromptError
 */
export function requireRoom(from: number, { given, answer }: Turn): void {
  const { stack } = given;
  const { ids } = answer.kept;
  const { maxPositions } = stack.decoder.shape;
  const { prefill, renumbers } = answer.bounds ?? {};
  if (ids.length === 0) throw new PromptError('the prompt phase left no token to read');
  requireRows(ids, stack);
  const whole = from + ids.length;
  // Chunks are as short as the context asks for: a row a time at last.
  const end = renumbers ? Math.min(whole, (prefill ?? whole) + 1) : whole;
  if (end >= maxPositions) throw beyondContext(end, stack, answer.bounds);
}

/**
 * Some tokenizers have ids that their model has no row for (`<image_soft_token>` in the text models
 * of Gemma 3). No such id can be drawn.
 * @throws PromptError if the prompt has one
 */
function requireRows(
  ids: Int32Array,
  { decoder, tokenizer }: Pick<Stack, 'decoder' | 'tokenizer'>,
): void {
  const { id: name, shape } = decoder;
  if (tokenizer.vocabularySize <= shape.vocabulary) return;
  const at = ids.findIndex((id) => id >= shape.vocabulary);
  if (at < 0) return;
  const token = Buffer.from(tokenizer.bytes(ids[at])).toString();
  throw new PromptError(
    `the prompt's token ${at} is ${JSON.stringify(token)} (id ${ids[at]}), which '${name}' cannot read: it has ids 0 to ${shape.vocabulary - 1}; take it out of the prompt, or open the tokenizer from the model's folder`,
  );
}
