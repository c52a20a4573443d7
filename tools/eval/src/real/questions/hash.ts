/** FNV-1a over code points, mixed by the first half of MurmurHash3's finalizer; 32 bits. */
export function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (const character of text)
    bits = Math.imul(bits ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  bits ^= bits >>> 16;
  bits = Math.imul(bits, 0x85ebca6b) >>> 0;
  return (bits ^ (bits >>> 13)) >>> 0;
}
