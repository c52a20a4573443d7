import type { JsonObject } from '../schema-document.js';
import { containing, matching, ofLength } from './string-keywords.js';

export interface Zod3Check {
  readonly kind: string;
  readonly [name: string]: unknown;
}

const clock = '(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?';

/** By the kind of a check, for checks without further arguments. */
const patterns: Readonly<Record<string, string>> = {
  email:
    "^(?:[A-Za-z0-9_'+\\-]+\\.)*[A-Za-z0-9_'+\\-]*[A-Za-z0-9_+\\-]@(?:[A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$",
  cuid: '^[cC][^\\s\\-]{8,}$',
  cuid2: '^[0-9a-z]+$',
  ulid: '^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}$',
  nanoid: '^[a-zA-Z0-9_\\-]{21}$',
  base64: '^(?:[0-9a-zA-Z+/]{4})*(?:[0-9a-zA-Z+/]{2}==|[0-9a-zA-Z+/]{3}=)?$',
  time: `^${clock}$`,
};
const formats: Readonly<Record<string, string>> = {
  url: 'uri',
  uuid: 'uuid',
  date: 'date',
  duration: 'duration',
};

/**
 * Strings of zod 3. Checks without a line here are left to zod, on the finished value.
 * @param inUnits whether lengths are counted in UTF-16 units
 */
export function string3(checks: readonly Zod3Check[], inUnits: () => boolean): JsonObject {
  return { type: 'string', allOf: checks.map((check) => keywordsOf(check, inUnits)) };
}

function keywordsOf(check: Zod3Check, inUnits: () => boolean): JsonObject {
  const { kind, value } = check;
  switch (kind) {
    case 'min':
      return ofLength(value as number, Number.POSITIVE_INFINITY, inUnits());
    case 'max':
      return ofLength(0, value as number, inUnits());
    case 'length':
      return ofLength(value as number, value as number, inUnits());
    case 'regex':
      return matching(check.regex as RegExp);
    case 'startsWith':
      return containing(String(value), 'start');
    case 'endsWith':
      return containing(String(value), 'end');
    case 'includes':
      return containing(String(value), 'anywhere', check.position as number | undefined);
    case 'ip':
      return {
        anyOf: ['ipv4', 'ipv6']
          .filter((format) => !check.version || format === `ip${check.version}`)
          .map((format) => ({ format })),
      };
    case 'datetime':
      if (check.local)
        return { pattern: `^\\d{4}-\\d\\d-\\d\\dT${clock}(?:Z|[+\\-]\\d\\d:?\\d\\d)?$` };
      return check.offset ? { format: 'date-time' } : { format: 'date-time', pattern: 'Z$' };
    default:
      return {
        ...(Object.hasOwn(patterns, kind) ? { pattern: patterns[kind] } : {}),
        ...(Object.hasOwn(formats, kind) ? { format: formats[kind] } : {}),
      };
  }
}
