import { isHostname, isInternationalHostname } from './format-hostname.js';
import { ipv4, ipv6 } from './format-ip.js';

/** RFC 5321, section 4.1.2; RFC 6531 with characters beyond ASCII. */
function mailbox(further: string): RegExp {
  const atom = String.raw`[A-Za-z0-9!#$%&'*+/=?^_\x60{|}~\-${further}]+`;
  const quoted = String.raw`"(?:[ !#-\[\]-~${further}]|\\[ -~])*"`;
  const label = `[A-Za-z0-9${further}](?:[A-Za-z0-9${further}\\-]{0,61}[A-Za-z0-9${further}])?`;
  const domain = String.raw`${label}(?:\.${label})*|\[(?:${ipv4}|[Ii][Pp][Vv]6:${ipv6})\]`;
  return new RegExp(String.raw`(?:${atom}(?:\.${atom})*|${quoted})@(?:${domain})`, 'u');
}

export const emailFormats = {
  email: { pattern: mailbox(''), check: (text: string) => isHostnameAfterAt(text, isHostname) },
  'idn-email': {
    pattern: mailbox(String.raw`\u{80}-\u{10ffff}`),
    check: (text: string) => isHostnameAfterAt(text, isInternationalHostname),
  },
};

function isHostnameAfterAt(text: string, isName: (name: string) => boolean): boolean {
  const domain = text.slice(text.lastIndexOf('@') + 1);
  return domain.startsWith('[') || isName(domain);
}
