import type { Capability, Tokenizer } from '@pliant/core';
import { kvDrop, type Policy } from '@pliant/kv-drop';
import type { RememberingDecoder } from '../remember/remembering-decoder.js';
import { scoreRequests } from '../remember/score-requests.js';
import type { Task } from '../tasks/task.js';
import { evaluateStacks } from './evaluate-stacks.js';

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
  /** The full run's first. */
  readonly marked: readonly Answer[];
}

/** `evaluateStacks` for policies: what they ask of a prompt's forwards is read once for all of them. */
export function evaluate({
  decoder,
  methods,
  ...options
}: EvaluationOptions): AsyncGenerator<PromptAnswers> {
  const policies = Object.entries(methods);
  return evaluateStacks({
    ...options,
    decoder,
    methods: Object.fromEntries(
      policies.map(([name, policy]) => [name, (budget: number) => [kvDrop({ policy, budget })]]),
    ),
    begin: ({ text }) => {
      const { length } = options.tokenizer.encode(text);
      decoder.begin(scoreRequests(Object.values(methods), decoder.shape, length));
    },
  });
}
