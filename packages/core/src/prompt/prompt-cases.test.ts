import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import { PliantError } from '../contract/errors.js';
import type { Middleware } from '../contract/middleware.js';
import type { Prompt } from '../contract/tokenizer.js';
import { pipeline } from '../pipeline.js';
import { mockDecoder, mockTokenizer } from '../testing/index.js';

interface Case {
  readonly id: string;
  readonly kind: 'ids' | 'messages' | 'text' | 'prompt';
  /** An expression. */
  readonly js: string;
  readonly expect: readonly ('PliantError' | { ids: number[] } | { content: string })[];
  readonly why: string;
}

const cases = readFileSync(new URL('./cases/prompts.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);

const tokenizer = mockTokenizer();

/** What became of the prompt, in the terms of `Case.expect`. */
async function outcomeOf({ kind, js }: Case): Promise<readonly unknown[]> {
  const value: unknown = vm.runInThisContext(`(${js})`);
  const prompt = (kind === 'prompt' ? value : { [kind]: value }) as Prompt;
  let ids: number[] = [];
  const recorder: Middleware<'recorder'> = {
    specificationVersion: 'v1',
    name: 'recorder',
    requires: [],
    create: () => ({
      prefill: (input, next) => {
        ids = [...input.ids];
        return next(input);
      },
    }),
  };
  try {
    const stack = pipeline(mockDecoder(), { tokenizer }).use(recorder);
    await stack.generate(prompt, { maxNewTokens: 1 });
  } catch (error) {
    if (PliantError.isInstance(error)) return ['PliantError'];
    throw error;
  }
  const text = Buffer.concat(ids.map((id) => tokenizer.bytes(id))).toString();
  const content = /^<\|start\|>user\n(.*)<\|end\|>/s.exec(text)?.[1] ?? text;
  return [{ ids }, { content }];
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

describe('prompts as callers give them', () => {
  test.each(cases.map((given) => [`${given.kind} ${given.id}: ${given.why}`, given] as const))(
    '%s',
    async (_, given) => {
      const outcome = await outcomeOf(given);
      expect(given.expect.some((right) => outcome.some((one) => isSame(one, right)))).toBe(true);
    },
  );
});
