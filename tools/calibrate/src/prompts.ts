import type { Prompt } from '@pliant/core';

/** Asked after a passage; the empty one continues the passage as plain text. */
const tasks = [
  '',
  'Summarize the passage above in two sentences.',
  'Who appears in the passage above, and what do they do?',
  'Explain the passage above to a child.',
] as const;

/**
 * Prompts on passages spread evenly over a text, tasks in turn.
 * @param lengths characters of a passage, in turn
 */
export function makePrompts(text: string, count: number, lengths: readonly number[]): Prompt[] {
  const paragraphs = text.replace(/[ \t]+/g, ' ').replace(/\n{3,}/g, '\n\n');
  const spacing = Math.floor((paragraphs.length - Math.max(...lengths)) / count);
  return Array.from({ length: count }, (_, i) => {
    const passage = cutAtSpaces(paragraphs, i * spacing, lengths[i % lengths.length]);
    // Lengths and tasks take turns at different paces, so that every task meets every length.
    const task = tasks[(i + Math.floor(i / tasks.length)) % tasks.length];
    if (task === '') return { text: passage };
    return { messages: [{ role: 'user', content: `${passage}\n\n${task}` }] };
  });
}

/** About `length` characters from the first word at or after `from` on. */
function cutAtSpaces(text: string, from: number, length: number): string {
  const start = from === 0 ? 0 : text.indexOf(' ', from) + 1;
  return text.slice(start, text.lastIndexOf(' ', start + length)).trim();
}
