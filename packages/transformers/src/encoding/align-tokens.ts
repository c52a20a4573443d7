/** How far apart in bytes a text and its tokens are looked for again after a difference. */
const reach = 16;
/** Equal bytes that make a place the same. */
const enough = 4;

/**
 * Finds the tokens' places in the text that they were made of, even if a tokenizer added something
 * (a prefix space), left something out or changed it.
 * @param text bytes that were encoded
 * @param spelled bytes of the tokens, joined
 * @returns [spelled.length + 1], ascending: offset in `text` of each byte of the tokens, and of
 * their end
 */
export function alignTokens(text: Uint8Array, spelled: Uint8Array): Int32Array {
  const offsets = new Int32Array(spelled.length + 1);
  let i = 0;
  let j = 0;
  while (i < spelled.length) {
    if (j < text.length && spelled[i] === text[j]) {
      offsets[i++] = j++;
      continue;
    }
    const skip = nextEqual(text, j, spelled, i);
    if (!skip) {
      // Changed: as many bytes here as there, for want of anything better.
      offsets[i++] = j;
      if (j < text.length) j++;
      continue;
    }
    for (let k = 0; k < skip.spelled; k++) offsets[i++] = j;
    j += skip.text;
  }
  offsets[spelled.length] = text.length;
  return offsets;
}

function nextEqual(
  text: Uint8Array,
  j: number,
  spelled: Uint8Array,
  i: number,
): { readonly text: number; readonly spelled: number } | undefined {
  for (let distance = 1; distance <= reach; distance++)
    for (let inSpelled = distance; inSpelled >= 0; inSpelled--) {
      const inText = distance - inSpelled;
      if (isEqualAt(text, j + inText, spelled, i + inSpelled))
        return { text: inText, spelled: inSpelled };
    }
  return undefined;
}

/** Both ends are equal too, where they come together. */
function isEqualAt(text: Uint8Array, j: number, spelled: Uint8Array, i: number): boolean {
  if (j > text.length || i > spelled.length) return false;
  const left = text.length - j;
  if (left < enough && left !== spelled.length - i) return false;
  const length = Math.min(enough, left);
  for (let k = 0; k < length; k++) if (text[j + k] !== spelled[i + k]) return false;
  return true;
}
