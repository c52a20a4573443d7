import { type Message, PliantError } from '@pliant/core';
import { describe, expect, test } from 'vitest';
import { baseTokenizer, libraries, openFiles, readCases } from '../cases.test.support.js';

interface Case {
  readonly id: string;
  readonly files: Readonly<Record<string, unknown>>;
  readonly messages: readonly Message[];
  readonly mode: 'prompt' | 'continue';
  /** `null` where the reference refuses. */
  readonly text: string | null;
  readonly alsoRight?: readonly string[];
  readonly why: string;
}

/** The text, or the name of the error. */
async function outcomeOf({ files, messages, mode }: Case, library: object): Promise<string> {
  const tokenizer = await openFiles({ 'tokenizer.json': baseTokenizer, ...files }, { library });
  try {
    return tokenizer.renderChat(messages, { continueLast: mode === 'continue' });
  } catch (error) {
    if (PliantError.isInstance(error)) return error.name;
    throw error;
  }
}

describe.each(libraries)('with %s', (name) => {
  test.each(readCases<Case>('templates').map((given) => [given.why, given] as const))(
    '%s',
    async (_, given) => {
      const outcome = await outcomeOf(given, await import(name));
      expect(outcome).not.toMatch(/[\uE000-\uF8FF]|pliant:/);
      if (given.text !== null) expect([given.text, ...(given.alsoRight ?? [])]).toContain(outcome);
    },
  );
});
