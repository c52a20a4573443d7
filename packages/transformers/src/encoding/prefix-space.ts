import { isObject, type JsonObject } from '../library/model-files.js';
import { stepsOf } from '../vocabulary/steps.js';

/** The space that a tokenizer puts before a text, which is not part of it. */
export interface PrefixSpace {
  /** Before every stretch of text between added tokens, or only at the very start. */
  readonly where: 'every-section' | 'start';
}

/**
 * The tokenizer without its prefix space, so that the tokens of a text hold exactly its bytes, and
 * what was taken out. Sources: `Prepend` (Llama 2), `Metaspace` and `ByteLevel` with
 * add_prefix_space in the format of the tokenizers library.
 */
export function withoutPrefixSpace(tokenizerJson: JsonObject): {
  json: JsonObject;
  prefix: PrefixSpace | undefined;
} {
  let prefix: PrefixSpace | undefined;
  const normalizer = mapSteps(tokenizerJson.normalizer, 'normalizers', (step) => {
    if (step.type !== 'Prepend') return step;
    prefix = { where: 'every-section' };
    return undefined;
  });
  const preTokenizer = mapSteps(tokenizerJson.pre_tokenizer, 'pretokenizers', (step) => {
    const scheme = schemeOf(step);
    const adds = step.type === 'Metaspace' ? scheme !== 'never' : step.add_prefix_space === true;
    if (!adds || (step.type !== 'Metaspace' && step.type !== 'ByteLevel')) return step;
    prefix = { where: scheme === 'first' ? 'start' : 'every-section' };
    return step.type === 'Metaspace'
      ? { ...step, add_prefix_space: false, prepend_scheme: 'never' }
      : { ...step, add_prefix_space: false };
  });
  return { json: { ...tokenizerJson, normalizer, pre_tokenizer: preTokenizer }, prefix };
}

/**
 * The tokenizer with its prefix space before whatever it encodes: where that belongs is decided
 * before.
 */
export function withPrefixSpace(tokenizerJson: JsonObject): JsonObject {
  const preTokenizer = mapSteps(tokenizerJson.pre_tokenizer, 'pretokenizers', (step) =>
    step.type === 'Metaspace' && schemeOf(step) !== 'never'
      ? { ...step, add_prefix_space: true, prepend_scheme: 'always' }
      : step,
  );
  return { ...tokenizerJson, pre_tokenizer: preTokenizer };
}

/** Older files have only `add_prefix_space`. */
function schemeOf({ prepend_scheme, add_prefix_space }: JsonObject): unknown {
  return prepend_scheme ?? (add_prefix_space === false ? 'never' : 'always');
}

function mapSteps(
  step: unknown,
  list: string,
  change: (step: JsonObject) => JsonObject | undefined,
): JsonObject | null {
  if (!isObject(step)) return null;
  if (step.type !== 'Sequence') return change(step) ?? null;
  const steps = stepsOf(step, [list])
    .map(change)
    .filter((kept) => kept !== undefined);
  return { ...step, [list]: steps };
}
