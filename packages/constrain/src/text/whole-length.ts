/** Bytes before a character that the end cuts off. */
export function wholeLength(bytes: Uint8Array): number {
  for (let length = 1; length <= 3 && length <= bytes.length; length++) {
    const byte = bytes[bytes.length - length];
    if (byte < 0x80) break;
    // A continuation byte: what it continues stands before it.
    if (byte < 0xc0) continue;
    const needed = byte < 0xc2 || byte > 0xf4 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > length ? bytes.length - length : bytes.length;
  }
  return bytes.length;
}
