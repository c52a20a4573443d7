/** A place in the text of a string, between the quotes. */
export type StringPlace =
  | { readonly in: 'text' }
  /** Inside a character; `left` bytes follow, the next from `low` to `high`. */
  | {
      readonly in: 'character';
      readonly left: number;
      readonly low: number;
      readonly high: number;
    }
  /** Behind a backslash. `high`: a surrogate that the escape completes; -1 where there is none. */
  | { readonly in: 'escape'; readonly high: number }
  /** Behind `\u`. */
  | { readonly in: 'digits'; readonly high: number; readonly digits: string }
  /** Behind the escape of a high surrogate: that of a low one follows. */
  | { readonly in: 'pair'; readonly high: number };

/** How strings and numbers may be spelled: `'canonical'` leaves one spelling of each string. */
export type Spelling = 'any' | 'canonical';

export const inText: StringPlace = { in: 'text' };
const backslash: StringPlace = { in: 'escape', high: -1 };

const short: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const shortened = new Set(Object.values(short));

/** The place after a byte, and what it adds to the string, as bytes of UTF-8. */
export interface StringStep {
  readonly place: StringPlace;
  readonly added: string;
}

const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
const plainSteps = bytes.map((added) => ({ place: inText, added }));

/** Undefined: no string goes on so. The closing quote is not asked for. */
export function stepString(
  place: StringPlace,
  byte: number,
  spelling: Spelling,
): StringStep | undefined {
  switch (place.in) {
    case 'text':
      if (byte === 0x5c) return { place: backslash, added: '' };
      if (byte < 0x20 || byte === 0x22 || (byte === 0x7f && spelling === 'canonical'))
        return undefined;
      return byte < 0x80 ? plainSteps[byte] : beginCharacter(byte);
    case 'character':
      if (byte < place.low || byte > place.high) return undefined;
      if (place.left === 1) return plainSteps[byte];
      return {
        place: { ...place, left: place.left - 1, low: 0x80, high: 0xbf },
        added: bytes[byte],
      };
    case 'escape':
      return stepEscape(place.high, byte, spelling);
    case 'digits':
      return stepDigits(place, byte, spelling);
    case 'pair':
      return byte === 0x5c ? { place: { in: 'escape', high: place.high }, added: '' } : undefined;
  }
}

function beginCharacter(byte: number): StringStep | undefined {
  // C0, C1 and F5 to FF never occur; overlong spellings and surrogates are not UTF-8.
  if (byte < 0xc2 || byte > 0xf4) return undefined;
  const left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  const low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
  const high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
  return { place: { in: 'character', left, low, high }, added: bytes[byte] };
}

function stepEscape(high: number, byte: number, spelling: Spelling): StringStep | undefined {
  const letter = bytes[byte];
  if (letter === 'u') return { place: { in: 'digits', high, digits: '' }, added: '' };
  if (high >= 0 || !Object.hasOwn(short, letter)) return undefined;
  if (letter === '/' && spelling === 'canonical') return undefined;
  return { place: inText, added: short[letter] };
}

function stepDigits(
  { high, digits }: Extract<StringPlace, { in: 'digits' }>,
  byte: number,
  spelling: Spelling,
): StringStep | undefined {
  const letter = bytes[byte];
  if (!/[0-9A-Fa-f]/.test(letter)) return undefined;
  const longer = digits + letter;
  const units = unitsOf(longer, high, spelling);
  if (!units) return undefined;
  if (longer.length < 4) return { place: { in: 'digits', high, digits: longer }, added: '' };
  const [unit] = units;
  if (high >= 0)
    return { place: inText, added: utf8(((high - 0xd800) << 10) + unit - 0xdc00 + 0x10000) };
  if (unit >= 0xd800 && unit < 0xdc00) return { place: { in: 'pair', high: unit }, added: '' };
  return { place: inText, added: utf8(unit) };
}

/**
 * UTF-16 units that hexadecimal digits can still become, ends included; undefined if none is right.
 */
function unitsOf(digits: string, high: number, spelling: Spelling): [number, number] | undefined {
  const width = 16 ** (4 - digits.length);
  const first = Number.parseInt(digits, 16) * width;
  const last = first + width - 1;
  if (high >= 0) return last >= 0xdc00 && first <= 0xdfff ? [first, last] : undefined;
  // A low surrogate alone is not a character.
  if (first >= 0xdc00 && last <= 0xdfff) return undefined;
  if (spelling === 'any') return [first, last];
  for (let unit = first; unit <= Math.min(last, 0x7f); unit++)
    if (isEscapable(unit, spelling)) return [first, last];
  return undefined;
}

export function utf8(codePoint: number): string {
  if (codePoint < 0x80) return bytes[codePoint];
  return Buffer.from(String.fromCodePoint(codePoint)).toString('latin1');
}

/** Whether an escape that has begun can become a character. */
export function canEscape(place: StringPlace, codePoint: number, spelling: Spelling): boolean {
  if (place.in === 'text' || place.in === 'character') return false;
  const [first, second] = unitsOfCharacter(codePoint);
  if (place.in === 'escape' && place.high < 0 && isShort(codePoint, spelling)) return true;
  if (spelling === 'canonical' && !isEscapable(codePoint, spelling)) return false;
  if (place.high >= 0 && place.high !== first) return false;
  const unit = place.high >= 0 ? second : first;
  if (unit === undefined) return false;
  const digits = place.in === 'digits' ? place.digits.toLowerCase() : '';
  return unit.toString(16).padStart(4, '0').startsWith(digits);
}

function isShort(codePoint: number, spelling: Spelling): boolean {
  return (
    shortened.has(String.fromCodePoint(codePoint)) && (codePoint !== 0x2f || spelling === 'any')
  );
}

function unitsOfCharacter(codePoint: number): [first: number, second: number | undefined] {
  if (codePoint < 0x10000) return [codePoint, undefined];
  const offset = codePoint - 0x10000;
  return [0xd800 + (offset >> 10), 0xdc00 + (offset & 0x3ff)];
}

/**
 * Characters of one unit that an escape which has begun can become: ends included; all of them
 * where a surrogate pair can come.
 */
export function escapeRange(place: StringPlace): [first: number, last: number] {
  if (place.in === 'text' || place.in === 'character') return [0, -1];
  const digits = place.in === 'digits' ? place.digits : '';
  const width = 16 ** (4 - digits.length);
  const first = digits === '' ? 0 : Number.parseInt(digits, 16) * width;
  if (place.high < 0) return [first, first + width - 1];
  const base = ((place.high - 0xd800) << 10) + 0x10000;
  const low = Math.max(first, 0xdc00);
  const high = Math.min(first + width - 1, 0xdfff);
  return [base + low - 0xdc00, base + high - 0xdc00];
}

function isEscapable(unit: number, spelling: Spelling): boolean {
  return spelling === 'any' || (unit < 0x20 && !shortened.has(bytes[unit])) || unit === 0x7f;
}
