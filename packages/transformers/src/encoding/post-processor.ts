import { isObject, type JsonObject } from '../library/model-files.js';
import { stepsOf } from '../vocabulary/steps.js';

/**
 * Ids that the post-processor of a tokenizer.json puts before a single text, in order. Ids that it
 * puts after the text are left out, because they would end it.
 */
export function idsBefore({ post_processor }: JsonObject): readonly number[] {
  for (const step of stepsOf(post_processor, ['processors'])) {
    if (step.type === 'TemplateProcessing') return beforeSequence(step);
    // [token, id]
    if (step.type === 'RobertaProcessing' || step.type === 'BertProcessing')
      return Array.isArray(step.cls) && isId(step.cls[1]) ? [step.cls[1]] : [];
  }
  return [];
}

function beforeSequence({ single, special_tokens }: JsonObject): number[] {
  const ids: number[] = [];
  for (const part of Array.isArray(single) ? single : []) {
    const name = isObject(part) && isObject(part.SpecialToken) ? part.SpecialToken.id : undefined;
    if (typeof name !== 'string') break;
    const token = isObject(special_tokens) ? special_tokens[name] : undefined;
    const listed = isObject(token) ? token.ids : undefined;
    if (Array.isArray(listed)) ids.push(...listed.filter(isId));
  }
  return ids;
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}
