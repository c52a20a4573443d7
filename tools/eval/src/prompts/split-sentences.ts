/** Sentences on one line each, by punctuation: good enough to find a place between two of them. */
export function splitSentences(text: string): string[] {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .split(/(?<=[.!?]['"]?) (?=[A-Z'"`])/);
}
