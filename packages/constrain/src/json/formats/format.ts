import { dateFormats } from './format-date.js';
import { emailFormats } from './format-email.js';
import { hostnameFormats } from './format-hostname.js';
import { ipFormats } from './format-ip.js';
import { pointerFormats } from './format-pointer.js';
import { uriFormats } from './format-uri.js';

/** A `format`: a text has it if it matches the pattern as a whole and passes the check. */
export interface Format {
  /** Flag `u` only: `regex()` compiles it. Absent: no beginning is wrong. */
  readonly pattern?: RegExp;
  /** Checks what a pattern cannot say. Called only with texts that match. */
  readonly check?: (text: string) => boolean;
}

const formats: ReadonlyMap<string, Format> = new Map<string, Format>(
  Object.entries({
    ...dateFormats,
    ...emailFormats,
    ...hostnameFormats,
    ...ipFormats,
    ...pointerFormats,
    ...uriFormats,
    uuid: { pattern: /[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/u },
    regex: { check: isRegularExpression },
  }),
);

/** Every format that draft 2020-12 and draft 7 define, asserted. */
export const formatNames: readonly string[] = [...formats.keys()];

/** Undefined: not a format that the drafts define. */
export function formatOf(name: string): Format | undefined {
  return formats.get(name);
}

/** Whether a text has a format, pattern and check together. */
export function hasFormat({ pattern, check }: Format, text: string): boolean {
  return (!pattern || wholeMatch(pattern).test(text)) && (!check || check(text));
}

const anchored = new WeakMap<RegExp, RegExp>();

function wholeMatch(pattern: RegExp): RegExp {
  let whole = anchored.get(pattern);
  if (!whole) {
    whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags);
    anchored.set(pattern, whole);
  }
  return whole;
}

/** ECMA-262, with flag u. */
function isRegularExpression(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
