import { readFileSync } from 'node:fs';
import type { Message } from '@pliant/core';
import { readText } from '@pliant/fixtures';
import type { Arguments } from './arguments.js';
import { UsageError } from './usage-error.js';

/**
 * Alice in Wonderland, chapter V: about 2,000 tokens, in which Alice asks a caterpillar for advice.
 */
function builtIn(): string {
  const book = readText('texts/alice29.txt');
  const start = book.indexOf('CHAPTER V\n');
  return book.slice(start, start + 7600);
}
const builtInQuestion = 'What was the Caterpillar smoking?';

/** The document, then the question, as one chat message. */
export function makePrompt({ prompt, question }: Arguments): { readonly messages: Message[] } {
  const document = prompt === undefined ? builtIn() : readDocument(prompt);
  const asked = question ?? (prompt === undefined ? builtInQuestion : '');
  return { messages: [{ role: 'user', content: `${document.trim()}\n\n${asked}`.trim() }] };
}

function readDocument(path: string): string {
  try {
    return readFileSync(path === '-' ? process.stdin.fd : path, 'utf8');
  } catch (error) {
    throw new UsageError(`--prompt ${path}: ${(error as Error).message}`);
  }
}
