/**
 * Whether an answer stands in a text as whole words or numbers. Case, compatibility variants of
 * characters, the amount of blanks and commas between digits make no difference.
 */
export function answerStands(answer: string, text: string): boolean {
  const pattern = plain(answer).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`, 'u').test(plain(text));
}

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(?<=\d),(?=\d)/g, '')
    .replace(/\s+/g, ' ');
}
