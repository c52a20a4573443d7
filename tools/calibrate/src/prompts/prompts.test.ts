import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InvalidOptionsError } from '@pliant/core';
import { describe, expect, it } from 'vitest';
import { promptKey } from './corpus.js';
import { readPrompts } from './read-prompts.js';
import { shippedFamilies, shippedPrompts } from './shipped-prompts.js';
import { splitPrompts } from './split.js';

describe('the shipped prompts', () => {
  const prompts = shippedPrompts(300);
  it('are different ones, of all families alike', () => {
    expect(prompts).toHaveLength(300);
    expect(new Set(prompts.map(promptKey)).size).toBe(300);
    for (const family of shippedFamilies) {
      const count = prompts.filter((prompt) => prompt.family === family).length;
      expect(Math.abs(count - 300 / shippedFamilies.length)).toBeLessThan(1);
    }
  });

  it('are split within families, but for one that is left out', () => {
    const { train, test, unseen } = splitPrompts(prompts, 0.25);
    expect([...train, ...test, ...unseen].sort((a, b) => a - b)).toEqual([...prompts.keys()]);
    expect(new Set(unseen.map((i) => prompts[i].family))).toEqual(new Set(['code']));
    expect(train.some((i) => prompts[i].family === 'code')).toBe(false);
    expect(test.length / (train.length + test.length)).toBeCloseTo(0.25, 1);
  });
});

describe('prompts of a file', () => {
  const write = (text: string) => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'prompts-')), 'prompts.jsonl');
    writeFileSync(file, text);
    return file;
  };
  const messages = [{ role: 'user', content: 'Hi' }];

  it('are texts or messages, each once', async () => {
    const lines = [{ text: 'a' }, { family: 'chat', messages }, { text: 'a' }];
    const file = write(lines.map((line) => `${JSON.stringify(line)}\n`).join('\n'));
    expect(await readPrompts(file)).toEqual([
      { family: 'prompts', prompt: { text: 'a' } },
      { family: 'chat', prompt: { messages } },
    ]);
  });

  it.each([['{"text":'], ['{"text":""}'], ['{"text":"a","more":1}'], ['']])(
    'are refused with the line: %s',
    async (line) => {
      await expect(readPrompts(write(line))).rejects.toThrow(InvalidOptionsError);
    },
  );
});
