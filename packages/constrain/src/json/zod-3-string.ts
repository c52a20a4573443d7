import type { JsonObject } from './schema-document.js';
import { UnsupportedSchemaError } from './unsupported-schema-error.js';
import type { Zod3Check, Zod3Definition } from './zod-3-schema.js';

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

/** Strings of zod 3. Checks without a line here are left to zod, on the finished value. */
export function zod3String({ checks }: Zod3Definition): JsonObject {
  return { type: 'string', allOf: (checks as Zod3Check[]).map(keywordOf) };
}

function keywordOf(check: Zod3Check): JsonObject {
  const { kind, value } = check;
  switch (kind) {
    case 'min':
      return { minLength: value };
    case 'max':
      return { maxLength: value };
    case 'length':
      return { minLength: value, maxLength: value };
    case 'regex':
      return { pattern: sourceOf(check.regex as RegExp) };
    case 'startsWith':
      return { pattern: `^${escapePattern(value)}` };
    case 'endsWith':
      return { pattern: `${escapePattern(value)}$` };
    case 'includes':
      return { pattern: escapePattern(value) };
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

function sourceOf({ source, flags }: RegExp): string {
  if (!/[ims]/.test(flags)) return source;
  throw new UnsupportedSchemaError(
    '',
    `a pattern of JSON Schema has no flags, and /${source}/${flags} has. Write both cases, [\\s\\S] for any character`,
  );
}

function escapePattern(text: unknown): string {
  return String(text).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
