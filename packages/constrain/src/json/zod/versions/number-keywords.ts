import type { JsonObject } from '../../schema/json-object.js';
import type { View } from '../view.js';

export type NumberCheck =
  | { readonly integer: true }
  | { readonly least: number; readonly inclusive: boolean }
  | { readonly most: number; readonly inclusive: boolean }
  | { readonly step: number };

/** Numbers that pass some checks. */
export function ofNumbers(checks: readonly NumberCheck[]): View {
  let schema: JsonObject = { type: 'number' };
  const others: JsonObject[] = [];
  for (const check of checks) {
    const keyword = keywordOf(check);
    if (typeof keyword === 'string') return { type: 'refused', what: keyword };
    if (keyword.type === 'integer') schema = { ...schema, type: 'integer' };
    else if (Object.keys(keyword).some((name) => name in schema)) others.push(keyword);
    else schema = { ...schema, ...keyword };
  }
  return { type: 'scalar', schema: others.length > 0 ? { ...schema, allOf: others } : schema };
}

/** Or what JSON Schema cannot say. */
function keywordOf(check: NumberCheck): JsonObject | string {
  if ('integer' in check) return { type: 'integer' };
  if ('step' in check) {
    // Zod takes the same multiples of a negative step.
    const step = Math.abs(check.step);
    return Number.isFinite(step) && step > 0 ? { multipleOf: step } : `a multiple of ${step}`;
  }
  const { inclusive } = check;
  if ('least' in check) {
    if (check.least === Number.NEGATIVE_INFINITY) return {};
    if (!Number.isFinite(check.least)) return { not: {} };
    return { [inclusive ? 'minimum' : 'exclusiveMinimum']: check.least };
  }
  if (check.most === Number.POSITIVE_INFINITY) return {};
  if (!Number.isFinite(check.most)) return { not: {} };
  return { [inclusive ? 'maximum' : 'exclusiveMaximum']: check.most };
}
