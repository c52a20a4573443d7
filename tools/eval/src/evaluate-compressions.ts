import type { Capability, Decoder, Middleware, Tokenizer } from '@pliant/core';
import type { Answer } from './evaluate.js';
import { answerInFull } from './full-answer.js';
import { answerWith } from './method-answer.js';
import { stringMatch } from './string-match.js';
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
  const mark = (text: string) => ({
    task: task.name,
    seed,
    text,
    stringMatch: stringMatch(text, prompt.answers),
  });
  const answers: Answer[] = [
    { ...mark(full.text), method: 'full', budget: null, kl: 0, topOne: 1 },
  ];
  for (const keep of keeps)
    for (const [method, make] of Object.entries(compressions)) {
      const middlewares = make(keep);
      const given = { decoder, tokenizer, prompt, full, middlewares, seed };
      const { text, kl, topOne } = await answerWith(given);
      answers.push({ ...mark(text), method, budget: keep, kl, topOne });
    }
  return answers;
}
