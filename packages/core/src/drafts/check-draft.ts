import { sharesVocabulary } from '../checks/fingerprint.js';
import type { Decoder } from '../contract/decoder.js';
import { StackError } from '../contract/errors.js';
import type { Run } from '../contract/middleware.js';
import type { Tokenizer } from '../contract/tokenizer.js';

/**
 * Refuses a draft that cannot read the token ids of `decoder`. Vocabularies are compared by their
 * fingerprints. If the draft's is not known, the numbers of logits are compared instead.
 * @param name of the middleware, for the error
 * @param wayOut ends the message: what to give instead
 * @throws StackError
 */
export function checkDraftVocabulary(
  name: string,
  draft: Decoder,
  decoder: Decoder,
  tokenizer: Tokenizer,
  wayOut: string,
): void {
  if (!sharesVocabulary(draft, decoder, tokenizer))
    throw new StackError(
      name,
      `draft '${draft.id}' has another vocabulary than '${decoder.id}': its token ids mean something else. ${wayOut}`,
    );
}

/**
 * Warns if a draft that is about to write is the first layers of the decoder.
 * @param wayOut ends the warning: what to do instead
 */
export function warnOfEarlyExit(run: Run, draft: Decoder, wayOut: string): void {
  const { id, shape } = run.decoder;
  const { layers } = draft.shape;
  if (!draft.id.startsWith(id) || layers >= shape.layers) return;
  run.warn({
    type: 'degraded',
    feature: 'early-exit draft',
    details: `what the first ${layers} of ${shape.layers} layers write is noise, unless the model was trained to leave early; ${wayOut}`,
  });
}
