import { PromptError, pipeline } from '@pliant/core';
import { mockDecoder } from '@pliant/core/testing';
import { expect, test } from 'vitest';
import { baseTokenizer, openFiles, readCases } from '../cases.test.support.js';

interface Case {
  readonly addTokens: readonly string[];
  /** Of the model, beside the ids. */
  readonly modelRows: number;
  readonly text: string;
  readonly expect: 'runs' | 'PliantError';
  readonly why: string;
}

const ids = 272;

test.each(readCases<Case>('vocabulary').map((given) => [given.why, given] as const))(
  '%s',
  async (_, { addTokens, modelRows, text, expect: expected }) => {
    const decoder = mockDecoder();
    const { added_tokens } = baseTokenizer;
    // As many ids as make the rows those of the mock.
    const last = decoder.shape.vocabulary - modelRows - addTokens.length;
    const fill = Array.from({ length: last - ids }, (_, i) => `<fill${i}>`);
    const added = [...fill, ...addTokens].map((content, i) => ({
      id: ids + i,
      content,
      special: true,
    }));
    const tokenizer = await openFiles({
      'tokenizer.json': { ...baseTokenizer, added_tokens: [...added_tokens, ...added] },
    });
    expect(tokenizer.vocabularySize + modelRows).toBe(decoder.shape.vocabulary);
    const stack = pipeline({ ...decoder, vocabularyFingerprint: undefined }, { tokenizer });
    const run = stack.generate({ text }, { maxNewTokens: 4 });
    if (expected === 'runs') expect((await run).tokens.length).toBeGreaterThan(0);
    else await expect(run).rejects.toThrow(PromptError);
  },
);
