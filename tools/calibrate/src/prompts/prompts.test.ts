import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InvalidOptionsError } from '@pliant/core';
import { taskFamilies, taskPrompts } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { promptKey } from './corpus.js';
import { readPrompts } from './read-prompts.js';
import { familiesInTurn, splitPrompts } from './split.js';

describe('the shipped prompts', () => {
  const prompts = taskPrompts(300);
  it('are different ones, of all families alike', () => {
    expect(prompts).toHaveLength(300);
    expect(new Set(prompts.map(promptKey)).size).toBe(300);
    for (const family of taskFamilies) {
      const count = prompts.filter((prompt) => prompt.family === family).length;
      expect(Math.abs(count - 300 / taskFamilies.length)).toBeLessThan(1);
    }
  });

  it('are the first of a longer list', () => {
    expect(taskPrompts(50)).toEqual(prompts.slice(0, 50));
  });

  it('are split within families, but for one that is left out', () => {
    const { train, test, unseen } = splitPrompts(prompts, 0.25);
    expect([...train, ...test, ...unseen].sort((a, b) => a - b)).toEqual([...prompts.keys()]);
    expect(new Set(unseen.map((i) => prompts[i].family))).toEqual(new Set(['code']));
    expect(train.some((i) => prompts[i].family === 'code')).toBe(false);
    expect(test.length / (train.length + test.length)).toBeCloseTo(0.25, 1);
  });
});

it('takes the first of each family before the second of any', () => {
  const prompts = ['a', 'a', 'b', 'a', 'b', 'c'].map((family, i) => ({
    family,
    prompt: { text: `${i}` },
  }));
  expect(familiesInTurn([0, 1, 2, 3, 4, 5], prompts)).toEqual([0, 2, 5, 1, 4, 3]);
  expect(familiesInTurn([1, 3, 4], prompts)).toEqual([1, 4, 3]);
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
