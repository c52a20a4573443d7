const octet = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const group = '[0-9A-Fa-f]{1,4}';
const before = `${group}:`;

/** Four decimal octets without leading zeros. */
export const ipv4 = String.raw`${octet}(?:\.${octet}){3}`;

const lastTwo = `(?:${group}:${group}|${ipv4})`;

/** RFC 4291, section 2.2, without a zone. */
export const ipv6 = `(?:${[
  `(?:${before}){6}${lastTwo}`,
  `::(?:${before}){5}${lastTwo}`,
  `(?:${group})?::(?:${before}){4}${lastTwo}`,
  `(?:(?:${before})?${group})?::(?:${before}){3}${lastTwo}`,
  `(?:(?:${before}){0,2}${group})?::(?:${before}){2}${lastTwo}`,
  `(?:(?:${before}){0,3}${group})?::${before}${lastTwo}`,
  `(?:(?:${before}){0,4}${group})?::${lastTwo}`,
  `(?:(?:${before}){0,5}${group})?::${group}`,
  `(?:(?:${before}){0,6}${group})?::`,
].join('|')})`;

/** An address and the length of its prefix. */
export const cidrv4 = String.raw`${ipv4}/(?:3[0-2]|[12]?\d)`;
export const cidrv6 = String.raw`${ipv6}/(?:12[0-8]|1[01]\d|[1-9]?\d)`;

export const ipFormats = {
  ipv4: { pattern: new RegExp(ipv4, 'u') },
  ipv6: { pattern: new RegExp(ipv6, 'u') },
};
