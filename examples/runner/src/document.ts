import { readFileSync } from 'node:fs';
import type { Prompt } from '@pliant/core';
import { readText } from '@pliant/fixtures';
import { type Arguments, UsageError } from './arguments.js';

/** The opening of Alice in Wonderland, about 2,000 tokens: to the end of the scene at the little door. */
const builtIn = () => readText('texts/alice29.txt').slice(0, 8000);
const builtInQuestion = 'What did the White Rabbit take out of its waistcoat-pocket?';

/** The document, then the question, as one chat message. */
export function makePrompt({ prompt, question }: Arguments): Prompt {
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
