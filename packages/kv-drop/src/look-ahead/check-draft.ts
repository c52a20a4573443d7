import { type Decoder, StackError, sharesVocabulary, type Tokenizer } from '@pliant/core';

/**
 * Refuses a draft whose token ids mean something else: compared by the fingerprint of its vocabulary and, only where that is not known,
 * by the number of logits, since models of one family pad it differently.
 * @throws StackError
 */
export function checkDraft(
  name: string,
  draft: Decoder,
  decoder: Decoder,
  tokenizer: Tokenizer,
): void {
  if (!sharesVocabulary(draft, decoder, tokenizer))
    throw new StackError(
      name,
      `draft '${draft.id}' has another vocabulary than '${decoder.id}': its token ids mean something else. Give a draft with the same tokenizer, or none: then the decoder drafts for itself`,
    );
}
