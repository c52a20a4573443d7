import { isObject, type JsonObject } from '../library/model-files.js';
import { stepsOf } from '../vocabulary/steps.js';

/**
 * The pre-tokenizer with the splitting of `Metaspace` (before each replaced space, unless `split`
 * is false) as a step of its own: the libraries leave it out.
 */
export function splitMetaspace(preTokenizer: unknown): unknown {
  const steps = stepsOf(preTokenizer, ['pretokenizers']);
  const isSplit = ({ type, split }: JsonObject) => type === 'Metaspace' && split !== false;
  if (!isObject(preTokenizer) || !steps.some(isSplit)) return preTokenizer;
  const pretokenizers = steps.flatMap((step) => {
    if (!isSplit(step)) return [step];
    const mark = typeof step.replacement === 'string' ? step.replacement : '\u2581';
    const escaped = `\\u{${mark.codePointAt(0)!.toString(16)}}`;
    const pattern = { Regex: `${escaped}[^${escaped}]*` };
    return [step, { type: 'Split', pattern, behavior: 'Isolated', invert: false }];
  });
  return { type: 'Sequence', pretokenizers };
}
