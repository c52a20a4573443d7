import { type Decoder, InvalidOptionsError, requireCapability, type Tokenizer } from '@pliant/core';
import type { ParsedSelection } from '../options/selection-options.js';

/**
 * Refuses a draft whose attention cannot be read, or that lacks the layers and heads asked for.
 * @param where the middleware or the call
 * @throws MissingCapabilityError, InvalidOptionsError
 */
export function checkScores(
  where: string,
  draft: Decoder,
  { startLayer, heads = [] }: Pick<ParsedSelection, 'startLayer' | 'heads'>,
): void {
  requireCapability(draft, 'scores', where, 'Give a draft whose attention can be read.');
  const { layers, heads: count } = draft.shape;
  if (startLayer !== undefined && startLayer >= layers)
    throw new InvalidOptionsError(where, [
      {
        path: 'startLayer',
        message: `is ${startLayer}, but draft '${draft.id}' has layers 0 to ${layers - 1}`,
      },
    ]);
  const missing = heads.findIndex(({ layer, head }) => layer >= layers || head >= count);
  if (missing >= 0)
    throw new InvalidOptionsError(where, [
      {
        path: `heads[${missing}]`,
        message: `is head ${heads[missing].head} of layer ${heads[missing].layer}, but draft '${draft.id}' has layers 0 to ${layers - 1} with heads 0 to ${count - 1}`,
      },
    ]);
}

/**
 * Refuses a tokenizer that is not the draft's.
 * @param option the one under which it was given
 * @throws InvalidOptionsError
 */
export function checkTokenizer(
  where: string,
  option: string,
  draft: Decoder,
  tokenizer: Tokenizer,
): void {
  const { vocabularyFingerprint: fingerprint, shape, id } = draft;
  const isOther =
    fingerprint === undefined
      ? tokenizer.vocabularySize > shape.vocabulary
      : tokenizer.fingerprint !== fingerprint;
  if (isOther)
    throw new InvalidOptionsError(where, [
      {
        path: option,
        message: `has another vocabulary than draft '${id}'; open the tokenizer from the draft's folder`,
      },
    ]);
}
