import type { Decoder, Tokenizer } from '@pliant/core';
import type { Answer } from './evaluate.js';
import { answerInFull } from './full-answer.js';
import { type Methods, markAnswers } from './mark-answers.js';
import type { Task } from './tasks/task.js';

export interface StacksOptions {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly Task[];
  readonly methods: Methods;
  readonly budgets: readonly number[];
  /** Of a prompt. */
  readonly tokens: number;
  readonly seeds: readonly number[];
}

/** The answers to a prompt, the plain run's first; seed by seed. All see the same prompts. */
export async function* evaluateStacks(options: StacksOptions): AsyncGenerator<readonly Answer[]> {
  for (const seed of options.seeds)
    for (const task of options.tasks) yield await evaluatePrompt(options, task, seed);
}

async function evaluatePrompt(
  { decoder, tokenizer, methods, budgets, tokens }: StacksOptions,
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
    budgets,
    methods,
  });
}
