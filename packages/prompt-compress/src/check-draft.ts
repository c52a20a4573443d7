import {
  type Decoder,
  InvalidOptionsError,
  MissingCapabilityError,
  StackError,
  sharesVocabulary,
  type Tokenizer,
} from '@pliant/core';

/**
 * Refuses a draft that cannot read the target's prompts.
 *
 * Drafts are compared by the fingerprint of their vocabulary. Only where theirs is not known, by the number of logits: models of one
 * family pad it differently.
 *
 * @throws MissingCapabilityError, StackError, InvalidOptionsError
 */
export function checkDraft(
  name: string,
  draft: Decoder,
  startLayer: number | undefined,
  decoder: Decoder,
  tokenizer: Tokenizer,
): void {
  if (!draft.capabilities.has('scores')) {
    const hint = draft.missing?.scores ?? 'Give a draft whose attention can be read.';
    throw new MissingCapabilityError(name, 'scores', draft.id, hint);
  }
  if (!sharesVocabulary(draft, decoder, tokenizer))
    throw new StackError(
      name,
      `draft '${draft.id}' has another vocabulary than '${decoder.id}': its token ids mean something else. Give a draft with the same tokenizer, or the decoder itself`,
    );
  if (startLayer !== undefined && startLayer >= draft.shape.layers)
    throw new InvalidOptionsError(name, [
      {
        path: 'startLayer',
        message: `is ${startLayer}, but draft '${draft.id}' has layers 0 to ${draft.shape.layers - 1}`,
      },
    ]);
}
