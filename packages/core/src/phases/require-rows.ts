import { PromptError } from '../contract/errors.js';
import type { Stack } from '../turn/turn.js';

/**
 * Some tokenizers have ids that their model has no row for (`<image_soft_token>` in the text models of Gemma 3). No such id can be drawn.
 * @throws PromptError where the prompt has one
 */
export function requireRows(
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
