import { readFile } from 'node:fs/promises';
import { InvalidOptionsError, parseOptions } from '@pliant/core';
import { z } from 'zod';
import { type CorpusPrompt, promptKey } from './corpus.js';

const message = z.strictObject({ role: z.string(), content: z.string() });
const family = z.string().default('prompts');
const schema = z.union([
  z.strictObject({ family, text: z.string().min(1) }),
  z.strictObject({ family, messages: z.array(message).min(1) }),
]);

/**
 * Prompts of the user: JSON lines, each `{ "text": ... }` or `{ "messages": [...] }`, with a
 * `family` or without. A prompt that is there twice counts once.
 * @throws InvalidOptionsError with the line of what cannot be read
 */
export async function readPrompts(path: string): Promise<CorpusPrompt[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  const prompts = new Map<string, CorpusPrompt>();
  lines.forEach((line, at) => {
    if (line.trim() === '') return;
    const { family, ...prompt } = parseOptions(`${path}, line ${at + 1}`, schema, parse(line));
    const read = { family, prompt };
    prompts.set(promptKey(read), read);
  });
  if (prompts.size === 0)
    throw new InvalidOptionsError(path, [{ path: '', message: 'has no prompt' }]);
  return [...prompts.values()];
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
