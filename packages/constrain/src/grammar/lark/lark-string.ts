import type { SourceReader } from '../rules/source-reader.js';

const letters: { readonly [letter: string]: number } = { b: 8, t: 9, n: 10, f: 12, r: 13 };
const hexDigits: { readonly [letter: string]: RegExp } = {
  x: /[0-9A-Fa-f]{2}/y,
  u: /[0-9A-Fa-f]{4}/y,
  U: /[0-9A-Fa-f]{8}/y,
};

/**
 * The code points of a string in double quotes, with the escapes of JSON and `\xHH` and
 * `\UHHHHHHHH` of Python.
 */
export function larkString(reader: SourceReader): number[] {
  const position = reader.at++;
  const codePoints: number[] = [];
  while (!reader.take('"')) {
    if (reader.done || /[\r\n]/.test(reader.peek()))
      reader.fail('the string does not end on its line', position);
    codePoints.push(reader.peek() === '\\' ? escaped(reader) : reader.codePoint());
  }
  return codePoints;
}

function escaped(reader: SourceReader): number {
  const position = reader.at++;
  const pair = reader.match(/u([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})/y);
  if (pair)
    return String.fromCharCode(
      Number.parseInt(pair[1], 16),
      Number.parseInt(pair[2], 16),
    ).codePointAt(0)!;
  const letter = reader.peek();
  reader.at++;
  if (letter in letters) return letters[letter];
  if (letter in hexDigits) {
    const digits = reader.match(hexDigits[letter]);
    if (!digits) reader.fail(`hexadecimal digits expected after '\\${letter}'`);
    return reader.check(Number.parseInt(digits![0], 16), position);
  }
  if (letter !== '' && '"\\/'.includes(letter)) return letter.charCodeAt(0);
  return reader.fail(
    `the escape '\\${letter}' is not known (\\\\ \\" \\/ \\b \\f \\n \\r \\t \\xHH \\uHHHH \\UHHHHHHHH are). Write the character itself`,
    position,
  );
}
