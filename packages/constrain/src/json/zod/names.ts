import type { JsonObject } from '../schema/json-object.js';
import { keywordsOf } from '../schema/zod-keywords.js';
import type { View } from './view.js';

/** Whether an object has members of every name. */
export function takesAnyName(view: View): boolean {
  if (view.type === 'record') return view.isLoose;
  return view.type === 'anything' || (view.type === 'object' && typeof view.others === 'object');
}

/** One pattern of the names that a schema of strings takes; undefined if there is none. */
export function patternOfNames({ type, allOf = [], ...own }: JsonObject): string | undefined {
  if (type !== 'string') return undefined;
  const parts: string[] = [];
  for (const part of [own, ...(allOf as JsonObject[])]) {
    const { pattern, minLength, maxLength, ...rest } = part;
    if (keywordsOf(part) || Object.keys(rest).length > 0) return undefined;
    if (pattern !== undefined) parts.push(`(?=[\\s\\S]*(?:${pattern}))`);
    if (minLength !== undefined || maxLength !== undefined)
      parts.push(`(?=[\\s\\S]{${minLength ?? 0},${maxLength ?? ''}}$)`);
  }
  return parts.length === 0 ? '' : `^${parts.join('')}`;
}

/** Names are text: numbers as it spells them, whose bounds are left to zod. */
export function textOfNames(name: JsonObject): JsonObject {
  return name.type === 'number' || name.type === 'integer'
    ? { type: 'string', pattern: '^-?\\d+(?:\\.\\d+)?$' }
    : name;
}
