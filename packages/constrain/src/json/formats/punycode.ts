const base = 36;
const least = 1;
const most = 26;
const skew = 38;
const firstDamp = 700;

/**
 * The label that ASCII after `xn--` spells (RFC 3492, section 6.2); undefined when it spells none.
 */
export function decodePunycode(text: string): string | undefined {
  const end = text.lastIndexOf('-');
  const codePoints = Array.from(text.slice(0, Math.max(end, 0)), (c) => c.codePointAt(0)!);
  const digits = text.slice(end + 1);
  let codePoint = 128;
  let index = 0;
  let bias = 72;
  for (let at = 0; at < digits.length; ) {
    const before = index;
    for (let weight = 1, k = base; ; k += base) {
      const digit = Number.parseInt(shiftedDigit(digits[at++]), base);
      if (Number.isNaN(digit)) return undefined;
      index += digit * weight;
      const threshold = Math.min(Math.max(k - bias, least), most);
      if (digit < threshold) break;
      weight *= base - threshold;
      if (index > Number.MAX_SAFE_INTEGER / base) return undefined;
    }
    const length = codePoints.length + 1;
    bias = adapt(index - before, length, before === 0);
    codePoint += Math.floor(index / length);
    index %= length;
    if (codePoint > 0x10ffff) return undefined;
    codePoints.splice(index++, 0, codePoint);
  }
  return codePoints.some((c) => c >= 0xd800 && c < 0xe000)
    ? undefined
    : String.fromCodePoint(...codePoints);
}

/** Punycode counts a to z, then 0 to 9; numbers in base 36 the other way round. */
function shiftedDigit(character = ''): string {
  const index = 'abcdefghijklmnopqrstuvwxyz0123456789'.indexOf(character);
  return character !== '' && index >= 0 ? index.toString(base) : '';
}

function adapt(change: number, length: number, isFirst: boolean): number {
  let delta = Math.floor(change / (isFirst ? firstDamp : 2));
  delta += Math.floor(delta / length);
  let k = 0;
  for (; delta > ((base - least) * most) / 2; k += base) delta = Math.floor(delta / (base - least));
  return k + Math.floor(((base - least + 1) * delta) / (delta + skew));
}
