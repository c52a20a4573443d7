import { cidrv4, cidrv6 } from '../../formats/format-ip.js';
import type { JsonObject } from '../../schema/json-object.js';
import { dateTimePattern3, patterns3, type TimeOptions, timePattern3 } from './formats-3.js';
import { containing, matching, ofLength, ofStrings } from './string-keywords.js';

export interface Zod3Check {
  readonly kind: string;
  readonly [name: string]: unknown;
}

const formats: Readonly<Record<string, string>> = { url: 'uri', uuid: 'uuid' };

/**
 * Strings of zod 3. Checks without a line here are left to zod, on the finished value.
 * @param inUnits whether lengths are counted in UTF-16 units
 */
export function string3(checks: readonly Zod3Check[], inUnits: () => boolean): JsonObject {
  return ofStrings(checks.map((check) => keywordsOf(check, inUnits)));
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
    case 'cidr':
      return { pattern: `^(?:${cidrOf(check.version)})$` };
    case 'datetime':
      return { pattern: dateTimePattern3(check as TimeOptions) };
    case 'time':
      return { pattern: timePattern3(check as TimeOptions) };
    default:
      return {
        ...(Object.hasOwn(patterns3, kind) ? { pattern: patterns3[kind] } : {}),
        ...(Object.hasOwn(formats, kind) ? { format: formats[kind] } : {}),
      };
  }
}

function cidrOf(version: unknown): string {
  if (version === 'v4') return cidrv4;
  return version === 'v6' ? cidrv6 : `${cidrv4}|${cidrv6}`;
}
