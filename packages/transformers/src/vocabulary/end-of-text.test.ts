import { pipeline } from '@pliant/core';
import { mockDecoder } from '@pliant/core/testing';
import { expect, test } from 'vitest';
import { baseTokenizer, openFiles, readCases } from '../cases.test.support.js';

interface Case {
  readonly id: string;
  readonly files: Readonly<Record<string, unknown>>;
  readonly endOfText: readonly number[];
  readonly why: string;
}

test.each(readCases<Case>('end-of-text').map((given) => [given.why, given] as const))(
  '%s',
  async (_, { files, endOfText }) => {
    const tokenizer = await openFiles({ 'tokenizer.json': baseTokenizer, ...files });
    expect([...tokenizer.endOfText].sort((a, b) => a - b)).toEqual(endOfText);
    const decoder = { ...mockDecoder(), vocabularyFingerprint: undefined };
    const { warnings } = await pipeline(decoder, { tokenizer }).generate(
      { text: 'hi' },
      { maxNewTokens: 1 },
    );
    expect(warnings.map(({ feature }) => feature)).toEqual(
      endOfText.length > 0 ? [] : ['tokenizer'],
    );
  },
);
