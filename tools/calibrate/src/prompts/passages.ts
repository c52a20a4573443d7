/** Passages of a text, spread evenly over it. @param lengths characters of a passage, in turn */
export function cutPassages(text: string, count: number, lengths: readonly number[]): string[] {
  const paragraphs = text.replace(/[ \t]+/g, ' ').replace(/\n{3,}/g, '\n\n');
  const spacing = Math.floor((paragraphs.length - Math.max(...lengths)) / count);
  return Array.from({ length: count }, (_, i) =>
    cutAtSpaces(paragraphs, i * spacing, lengths[i % lengths.length]),
  );
}

/** About `length` characters from the first word at or after `from` on. */
function cutAtSpaces(text: string, from: number, length: number): string {
  const start = from === 0 ? 0 : text.indexOf(' ', from) + 1;
  return text.slice(start, text.lastIndexOf(' ', start + length)).trim();
}
