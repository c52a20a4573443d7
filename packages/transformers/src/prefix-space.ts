import { isObject, type JsonObject } from './model-files.js';
import { stepsOf } from './steps.js';
import type { AddedToken } from './vocabulary.js';

/** The space that a tokenizer would put before the text, which is not part of it. */
export interface PrefixSpace {
  /** Before every stretch of text between added tokens, or only at the very start. */
  readonly where: 'every-section' | 'start';
  /** Also where the text begins with a space already. */
  readonly beforeSpace: boolean;
}

/**
 * The tokenizer without its prefix space, so that the tokens of a text hold exactly its bytes, and what was taken out.
 * Sources: `Prepend` (Llama 2), `Metaspace` and `ByteLevel` with add_prefix_space in the format of the tokenizers library.
 */
export function withoutPrefixSpace(tokenizerJson: JsonObject): {
  json: JsonObject;
  prefix: PrefixSpace | undefined;
} {
  let prefix: PrefixSpace | undefined;
  const normalizer = mapSteps(tokenizerJson.normalizer, 'normalizers', (step) => {
    if (step.type !== 'Prepend') return step;
    prefix = { where: 'every-section', beforeSpace: true };
    return undefined;
  });
  const preTokenizer = mapSteps(tokenizerJson.pre_tokenizer, 'pretokenizers', (step) => {
    const scheme = step.prepend_scheme ?? (step.add_prefix_space === false ? 'never' : 'always');
    const adds = step.type === 'Metaspace' ? scheme !== 'never' : step.add_prefix_space === true;
    if (!adds || (step.type !== 'Metaspace' && step.type !== 'ByteLevel')) return step;
    prefix = { where: scheme === 'first' ? 'start' : 'every-section', beforeSpace: false };
    return step.type === 'Metaspace'
      ? { ...step, add_prefix_space: false, prepend_scheme: 'never' }
      : { ...step, add_prefix_space: false };
  });
  return { json: { ...tokenizerJson, normalizer, pre_tokenizer: preTokenizer }, prefix };
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

/** `text` with the prefix space written out where the tokenizer would have put it. */
export function addPrefixSpace(
  text: string,
  prefix: PrefixSpace,
  added: readonly AddedToken[],
): string {
  const contents = new Set(added.map(({ content }) => content));
  const sections = contents.size
    ? text.split(new RegExp(`(${[...contents].map(escapePattern).join('|')})`))
    : [text];
  const eligible = prefix.where === 'start' ? sections.slice(0, 1) : sections;
  return [
    ...eligible.map((section) =>
      section === '' || contents.has(section) || (!prefix.beforeSpace && /^[ ▁]/.test(section))
        ? section
        : ` ${section}`,
    ),
    ...sections.slice(eligible.length),
  ].join('');
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
