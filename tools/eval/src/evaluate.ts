import type { Capability, Tokenizer } from '@pliant/core';
import { kvDrop, type Policy } from '@pliant/kv-drop';
import { answerInFull } from './full-answer.js';
import { markAnswers } from './mark-answers.js';
import type { RememberingDecoder } from './remember/remembering-decoder.js';
import { scoreRequests } from './score-requests.js';
import type { Task } from './tasks/task.js';

export interface EvaluationOptions {
  readonly decoder: RememberingDecoder;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly Task[];
  /** By name. */
  readonly methods: { readonly [name: string]: Policy<Capability> };
  /** Rows per layer and KV head. */
  readonly budgets: readonly number[];
  /** Of a prompt. */
  readonly tokens: number;
  readonly seeds: readonly number[];
}

/** One answer and its marks. */
export interface Answer {
  readonly task: string;
  readonly seed: number;
  /** `full`, or a method's name. */
  readonly method: string;
  /** null for `full`. */
  readonly budget: number | null;
  readonly text: string;
  /** Share of the right answers in the text, 0 to 1. */
  readonly stringMatch: number;
  /** KL(full || method) in nats, mean over the tokens of the full cache's answer. */
  readonly kl: number;
  /** Share of those tokens that the method would have chosen, 0 to 1. */
  readonly topOne: number;
}

/** A prompt and what every method answered. */
export interface PromptAnswers {
  readonly task: string;
  readonly seed: number;
  readonly promptTokens: number;
  /** What should be in the answer. */
  readonly answers: readonly string[];
  /** Tokens that fidelity is measured on. */
  readonly answerTokens: number;
  /** The full cache's first. */
  readonly marked: readonly Answer[];
}

/** Every method at every budget on every prompt; all see the same prompts. Seed by seed, so that an interrupted run has all tasks. */
export async function* evaluate(options: EvaluationOptions): AsyncGenerator<PromptAnswers> {
  for (const seed of options.seeds)
    for (const task of options.tasks) yield await evaluatePrompt(options, task, seed);
}

async function evaluatePrompt(
  options: EvaluationOptions,
  task: Task,
  seed: number,
): Promise<PromptAnswers> {
  const { decoder, tokenizer, methods, budgets, tokens } = options;
  const prompt = task.make({ seed, tokens, tokenizer });
  const { length } = tokenizer.encode(prompt.text);
  decoder.begin(scoreRequests(Object.values(methods), decoder.shape, length));
  const full = await answerInFull(decoder, tokenizer, prompt);
  const marked = await markAnswers({
    decoder,
    tokenizer,
    task: task.name,
    seed,
    prompt,
    full,
    budgets,
    methods: Object.fromEntries(
      Object.entries(methods).map(([name, policy]) => [
        name,
        (budget: number) => [kvDrop({ policy, budget })],
      ]),
    ),
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
