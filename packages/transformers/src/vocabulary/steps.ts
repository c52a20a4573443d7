import { isObject, type JsonObject } from '../library/model-files.js';

/**
 * Steps of a normaliser, pre-tokenizer or decoder: those of a `Sequence` (under one of the names
 * `lists`), or the step itself.
 */
export function stepsOf(step: unknown, lists: readonly string[]): JsonObject[] {
  if (!isObject(step)) return [];
  const list = lists.map((name) => step[name]).find(Array.isArray);
  return step.type === 'Sequence' && list ? list.filter(isObject) : [step];
}
