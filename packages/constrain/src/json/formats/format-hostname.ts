import { isInternationalLabel } from './international-label.js';
import { decodePunycode } from './punycode.js';

const letterOrDigit = '[A-Za-z0-9]';
const label = `${letterOrDigit}(?:[A-Za-z0-9\\-]{0,61}${letterOrDigit})?`;
/** Dots as typed with other scripts are dots too (RFC 3490, section 3.1). */
const dots = '.\\u{3002}\\u{ff0e}\\u{ff61}';
const internationalLabel = `[^\\x00-,/:-@\\[-\`{-\\x7f\\-${dots}](?:[^\\x00-,/:-@\\[-\`{-\\x7f${dots}]*[^\\x00-,/:-@\\[-\`{-\\x7f\\-${dots}])?`;

export const hostnameFormats = {
  hostname: { pattern: new RegExp(String.raw`${label}(?:\.${label})*`, 'u'), check: isHostname },
  'idn-hostname': {
    pattern: new RegExp(`${internationalLabel}(?:[${dots}]${internationalLabel})*`, 'u'),
    check: isInternationalHostname,
  },
};

/**
 * Whether names of letters, digits, hyphens and dots are short enough and labels that begin with
 * `xn--` spell right ones.
 */
export function isHostname(name: string): boolean {
  return name.length <= 253 && name.split('.').every(isLabel) && isKnownToDns(name);
}

/** Like `isHostname`, with labels as people write them (RFC 5891). */
export function isInternationalHostname(name: string): boolean {
  const labels = name.split(/[.\u3002\uff0e\uff61]/u);
  return (
    labels.every((text) => (isAscii(text) ? isLabel(text) : isInternationalLabel(text))) &&
    isKnownToDns(labels.join('.'))
  );
}

function isLabel(text: string): boolean {
  if (!/^xn--/i.test(text)) return true;
  const decoded = decodePunycode(text.slice(4).toLowerCase());
  return decoded !== undefined && isInternationalLabel(decoded);
}

/**
 * What URLs make of a name: they refuse what UTS 46 refuses, which is how joiners and directions of
 * writing are checked, and spell labels in ASCII, whose lengths count.
 */
function isKnownToDns(name: string): boolean {
  if (isAscii(name) && !/xn--/i.test(name)) return true;
  try {
    // A last label of digits would make it an IPv4 address.
    const ascii = new URL(`http://${name}.x`).hostname.slice(0, -2);
    return (
      ascii.length <= 253 && ascii.split('.').every(({ length }) => length > 0 && length <= 63)
    );
  } catch {
    return false;
  }
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
