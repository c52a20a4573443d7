import { cidrv6 } from '../../formats/format-ip.js';
import type { JsonObject } from '../../schema/json-object.js';
import type { Zod4Check } from './definition-4.js';
import { containing, matching, ofLength, ofStrings } from './string-keywords.js';

/** Rules of zod for some formats beside their patterns, or instead of them. */
const beside: Readonly<Record<string, JsonObject>> = {
  url: { format: 'uri' },
  base64: { pattern: '^(?:[0-9a-zA-Z+/]{4})*(?:[0-9a-zA-Z+/]{2}==|[0-9a-zA-Z+/]{3}=)?$' },
  base64url: { pattern: '^(?:[0-9a-zA-Z_\\-]{4})*(?:[0-9a-zA-Z_\\-]{2,3})?$' },
};

/**
 * Formats that zod judges otherwise than by the pattern it writes, which knows no address that ends
 * as IPv4 does.
 */
const instead: Readonly<Record<string, JsonObject>> = {
  ipv6: { format: 'ipv6' },
  cidrv6: { pattern: `^${cidrv6}$` },
};

/** Strings of zod 4. */
export function string4(checks: readonly Zod4Check[]): JsonObject {
  return ofStrings(checks.flatMap(keywordsOf));
}

function keywordsOf(check: Zod4Check): JsonObject[] {
  const { minimum, maximum, length } = check;
  switch (check.check) {
    case 'min_length':
      return [ofLength(minimum as number, Number.POSITIVE_INFINITY, countsUnits(check))];
    case 'max_length':
      return [ofLength(0, maximum as number, countsUnits(check))];
    case 'length_equals':
      return [ofLength(length as number, length as number, countsUnits(check))];
    case 'string_format':
      return formatOf(check);
    default:
      return [];
  }
}

function formatOf({
  format,
  pattern,
  prefix,
  suffix,
  includes,
  position,
}: Zod4Check): JsonObject[] {
  if (format === 'starts_with') return [containing(String(prefix), 'start')];
  if (format === 'ends_with') return [containing(String(suffix), 'end')];
  if (format === 'includes')
    return [containing(String(includes), 'anywhere', position as number | undefined)];
  if (Object.hasOwn(instead, String(format))) return [instead[String(format)]];
  return [
    ...(pattern instanceof RegExp ? [matching(pattern)] : []),
    ...(Object.hasOwn(beside, String(format)) ? [beside[String(format)]] : []),
  ];
}

/**
 * Whether the library that made a check of lengths counts UTF-16 units: asked of the check's own
 * class.
 */
function countsUnits({ check, own }: Zod4Check): boolean {
  const Class = (own as { _zod: { constr: unknown } })._zod.constr as new (
    definition: object,
  ) => { _zod: { check(payload: { value: string; issues: object[] }): void } };
  const payload = { value: '😀', issues: [] };
  new Class({ check, minimum: 2, maximum: 1, length: 1 })._zod.check(payload);
  return payload.issues.length > 0 !== (check === 'min_length');
}
