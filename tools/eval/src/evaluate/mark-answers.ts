import type { Capability, Decoder, Middleware, Tokenizer } from '@pliant/core';
import type { TaskPrompt } from '../tasks/task.js';
import type { Answer } from './answers.js';
import type { FullAnswer } from './full-answer.js';
import { answerWith } from './method-answer.js';
import { stringMatch } from './string-match.js';

/** By name: the middlewares of a method at a budget. @param seed of the prompt */
export interface Methods {
  readonly [name: string]: (
    budget: number,
    seed: number,
  ) => readonly Middleware<string, Capability>[];
}

export interface MarkAnswersOptions {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly task: string;
  readonly seed: number;
  readonly prompt: TaskPrompt;
  readonly full: FullAnswer;
  readonly budgets: readonly number[];
  readonly methods: Methods;
}

/**
 * Answers a prompt by every method at every budget, with marks; the full run's answer is the first.
 */
export async function markAnswers(options: MarkAnswersOptions): Promise<Answer[]> {
  const { decoder, tokenizer, task, seed, prompt, full, budgets, methods } = options;
  const mark = (text: string) => ({
    task,
    seed,
    text,
    stringMatch: stringMatch(text, prompt.answers),
  });
  const marked: Answer[] = [{ ...mark(full.text), method: 'full', budget: null, kl: 0, topOne: 1 }];
  for (const budget of budgets)
    for (const [method, make] of Object.entries(methods)) {
      const middlewares = make(budget, seed);
      const given = { decoder, tokenizer, prompt, full, middlewares, seed };
      const { text, kl, topOne } = await answerWith(given);
      marked.push({ ...mark(text), method, budget, kl, topOne });
    }
  return marked;
}
