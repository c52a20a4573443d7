import type { Decoder, Tokenizer } from '@pliant/core';
import type { Task, TaskPrompt } from '../tasks/task.js';
import type { PromptAnswers } from './answers.js';
import { answerInFull } from './full-answer.js';
import { type Methods, markAnswers } from './mark-answers.js';

export interface StacksOptions {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly Task[];
  readonly methods: Methods;
  readonly budgets: readonly number[];
  /** Length of each prompt, in tokens. */
  readonly tokens: number;
  readonly seeds: readonly number[];
  /** Called before a prompt is read for the first time. */
  readonly begin?: (prompt: TaskPrompt) => void;
}

/**
 * Every method at every budget on every prompt; all see the same prompts. Seed by seed, so that an
 * interrupted run has all tasks.
 */
export async function* evaluateStacks(options: StacksOptions): AsyncGenerator<PromptAnswers> {
  for (const seed of options.seeds)
    for (const task of options.tasks) yield await evaluatePrompt(options, task, seed);
}

async function evaluatePrompt(
  { decoder, tokenizer, methods, budgets, tokens, begin }: StacksOptions,
  task: Task,
  seed: number,
): Promise<PromptAnswers> {
  const prompt = task.make({ seed, tokens, tokenizer });
  begin?.(prompt);
  const full = await answerInFull(decoder, tokenizer, prompt);
  const marked = await markAnswers({
    decoder,
    tokenizer,
    task: task.name,
    seed,
    prompt,
    full,
    budgets,
    methods,
  });
  return {
    task: task.name,
    seed,
    promptTokens: full.promptTokens,
    answers: prompt.answers,
    answerTokens: full.tokens.length,
    marked,
  };
}
