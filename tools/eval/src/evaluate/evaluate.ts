import type { Capability, Tokenizer } from '@pliant/core';
import { kvDrop, type Policy } from '@pliant/kv-drop';
import type { RememberingDecoder } from '../remember/remembering-decoder.js';
import { scoreRequests } from '../remember/score-requests.js';
import type { Task } from '../tasks/task.js';
import type { PromptAnswers } from './answers.js';
import { evaluateStacks } from './evaluate-stacks.js';

export interface EvaluationOptions {
  readonly decoder: RememberingDecoder;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly Task[];
  /** By name. */
  readonly methods: { readonly [name: string]: Policy<Capability> };
  /** Rows per layer and KV head. */
  readonly budgets: readonly number[];
  /** Length of each prompt, in tokens. */
  readonly tokens: number;
  readonly seeds: readonly number[];
}

/**
 * `evaluateStacks` for policies: what they ask of a prompt's forwards is read once for all of them.
 */
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
