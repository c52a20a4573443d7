import { createHash } from 'node:crypto';
import type { Prompt } from '@pliant/core';

/** A prompt of a calibration. */
export interface CorpusPrompt {
  /** Kind of task: prompts of one kind may be alike, so statistics draw whole kinds. */
  readonly family: string;
  readonly prompt: Prompt;
}

/** Names a prompt across runs, whatever the order of the prompts. */
export function promptKey({ prompt }: CorpusPrompt): string {
  return createHash('sha256').update(JSON.stringify(prompt)).digest('hex').slice(0, 16);
}
