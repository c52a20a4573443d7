import type { Capability, Decoder, Middleware, Tokenizer } from '@pliant/core';
import type { Answer } from './evaluate.js';
import { answerInFull } from './full-answer.js';
import { markAnswers } from './mark-answers.js';
import type { Task } from './tasks/task.js';

export interface CompressionsOptions {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly Task[];
  /** By name: the middlewares that keep so many tokens. */
  readonly compressions: {
    readonly [name: string]: (keep: number) => readonly Middleware<string, Capability>[];
  };
  readonly keeps: readonly number[];
  /** Of a prompt. */
  readonly tokens: number;
  readonly seeds: readonly number[];
}

/** The answers to a prompt, the whole prompt's first; seed by seed. All see the same prompts. */
export async function* evaluateCompressions(
  options: CompressionsOptions,
): AsyncGenerator<readonly Answer[]> {
  for (const seed of options.seeds)
    for (const task of options.tasks) yield await evaluatePrompt(options, task, seed);
}

async function evaluatePrompt(
  { decoder, tokenizer, compressions, keeps, tokens }: CompressionsOptions,
  task: Task,
  seed: number,
): Promise<readonly Answer[]> {
  const prompt = task.make({ seed, tokens, tokenizer });
  const full = await answerInFull(decoder, tokenizer, prompt);
  return markAnswers({
    decoder,
    tokenizer,
    task: task.name,
    seed,
    prompt,
    full,
    budgets: keeps,
    methods: compressions,
  });
}
