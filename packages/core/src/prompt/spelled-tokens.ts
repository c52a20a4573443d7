import type { Tokenizer } from '../contract/tokenizer.js';

/**
 * The bytes that tokens spell, and where each begins and ends in them. Not `decode`: it leaves
 * control tokens out.
 */
export function spellTokens(ids: Int32Array, tokenizer: Tokenizer) {
  const parts = Array.from(ids, (id) => tokenizer.bytes(id));
  const byteStart = new Int32Array(ids.length);
  const byteEnd = new Int32Array(ids.length);
  let offset = 0;
  parts.forEach(({ length }, i) => {
    byteStart[i] = offset;
    offset += length;
    byteEnd[i] = offset;
  });
  return { bytes: Buffer.concat(parts), byteStart, byteEnd };
}
