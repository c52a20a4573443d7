import {
  type Capability,
  type Decoder,
  type Middleware,
  type Pipeline,
  pipeline,
  type Tokenizer,
} from '@pliant/core';
import { mean } from '@pliant/shared/statistics';
import type { TaskPrompt } from '../tasks/task.js';
import { type Divergence, divergence } from './divergence.js';
import type { FullAnswer } from './full-answer.js';

export interface MethodAnswer {
  /** Its own, greedy. */
  readonly text: string;
  /** KL(full || method) in nats, mean over the tokens of the full run's answer. */
  readonly kl: number;
  /** Share of those tokens that the method would have chosen, 0 to 1. */
  readonly topOne: number;
}

export interface MethodAnswerOptions {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly prompt: TaskPrompt;
  readonly full: FullAnswer;
  /** The method, in the order in which they are installed. */
  readonly middlewares: readonly Middleware<string, Capability>[];
  readonly seed: number;
}

/**
 * Answers with what a method kept. The full run's answer is forced upon it first, token by token,
 * and the distributions are compared; then the tokens from the first one on that it would not have
 * chosen are taken back, and it goes on by itself. That is its greedy answer from the start, since
 * up to there it would have chosen the same; the method must not drop rows while decoding.
 */
export async function answerWith(options: MethodAnswerOptions): Promise<MethodAnswer> {
  const { decoder, tokenizer, prompt, full, middlewares, seed } = options;
  const divergences: Divergence[] = [];
  let forced = full.tokens;
  const follow: Middleware = {
    specificationVersion: 'v1',
    name: 'follow-full-answer',
    requires: [],
    create: (run) => ({
      adjust(logits) {
        if (run.generated.length < forced.length)
          divergences.push(divergence(full.rows[run.generated.length], logits));
      },
      choose(distribution, next) {
        if (run.generated.length >= forced.length) return next(distribution);
        return { token: forced[run.generated.length], logWeight: 0 };
      },
    }),
  };
  const { text, maxNewTokens } = prompt;
  let stack: Pipeline<Capability, unknown> = pipeline(decoder, { tokenizer });
  for (const middleware of middlewares) stack = stack.use(middleware);
  const generation = await stack.use(follow).start({ text }, { maxNewTokens, seed });
  try {
    while (!generation.done) await generation.step();
    const apart = divergences.findIndex(({ sameTop }) => !sameTop);
    if (apart >= 0) {
      generation.rollback(generation.tokens.length - apart);
      forced = [];
      while (!generation.done) await generation.step();
    }
    return {
      text: generation.text,
      kl: mean(divergences.map(({ kl }) => kl)),
      topOne: mean(divergences.map(({ sameTop }) => Number(sameTop))),
    };
  } finally {
    await generation.close();
  }
}
