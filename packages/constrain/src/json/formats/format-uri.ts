import { ipv4, ipv6 } from './format-ip.js';

const encoded = '%[0-9A-Fa-f]{2}';
const unreserved = String.raw`A-Za-z0-9\-._~`;
const delimiters = "!$&'()*+,;=";
/** RFC 3987: characters beyond ASCII, and private ones in queries. */
const beyondAscii = `\\u{a0}-\\u{d7ff}\\u{f900}-\\u{fdcf}\\u{fdf0}-\\u{ffef}${Array.from(
  { length: 14 },
  (_, i) => {
    const plane = (i + 1).toString(16);
    return `\\u{${plane}${plane === 'e' ? '1' : '0'}000}-\\u{${plane}fffd}`;
  },
).join('')}`;
const privateUse = '\\u{e000}-\\u{f8ff}\\u{f0000}-\\u{ffffd}\\u{100000}-\\u{10fffd}';

/** RFC 3986, appendix A; RFC 3987 with the further characters. */
function syntax(further: string, inQuery: string) {
  const letters = unreserved + further;
  const segmentCharacter = `(?:[${letters}${delimiters}:@]|${encoded})`;
  const host = [
    String.raw`\[(?:${ipv6}|[Vv][0-9A-Fa-f]+\.[${unreserved}${delimiters}:]+)\]`,
    ipv4,
    `(?:[${letters}${delimiters}]|${encoded})*`,
  ].join('|');
  const authority = `(?:(?:[${letters}${delimiters}:]|${encoded})*@)?(?:${host})(?::[0-9]*)?`;
  const segments = `(?:/${segmentCharacter}*)*`;
  const withAuthority = `//${authority}${segments}`;
  const absolute = `/(?:${segmentCharacter}+${segments})?`;
  const scheme = String.raw`[A-Za-z][A-Za-z0-9+\-.]*`;
  const tail = [
    String.raw`(?:\?(?:${segmentCharacter}|[/?${inQuery}])*)?`,
    `(?:#(?:${segmentCharacter}|[/?])*)?`,
  ].join('');
  const uri = `${scheme}:(?:${withAuthority}|${absolute}|${segmentCharacter}+${segments}|)${tail}`;
  const firstSegment = `(?:[${letters}${delimiters}@]|${encoded})+`;
  const relative = `(?:${withAuthority}|${absolute}|${firstSegment}${segments}|)${tail}`;
  return { uri: new RegExp(uri, 'u'), reference: new RegExp(`${uri}|${relative}`, 'u') };
}

const uri = syntax('', '');
const iri = syntax(beyondAscii, privateUse);

/** RFC 6570, section 2. */
const variableCharacter = `(?:[A-Za-z0-9_]|${encoded})`;
const variable = String.raw`${variableCharacter}(?:\.?${variableCharacter})*(?:\*|:[1-9]\d{0,3})?`;
const literal = String.raw`(?:[!#$&(-;=?-\[\]_a-z~${beyondAscii}${privateUse}]|${encoded})`;
const template = String.raw`(?:${literal}|\{[+#./;?&=,!@|]?${variable}(?:,${variable})*\})*`;

export const uriFormats = {
  uri: { pattern: uri.uri },
  'uri-reference': { pattern: uri.reference },
  iri: { pattern: iri.uri },
  'iri-reference': { pattern: iri.reference },
  'uri-template': { pattern: new RegExp(template, 'u') },
};
