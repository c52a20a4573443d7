import {
  type Capability,
  type Decoder,
  type Middleware,
  pipeline,
  type Tokenizer,
} from '@pliant/core';
import { type Divergence, divergence } from './divergence.js';
import type { FullAnswer } from './full-answer.js';
import type { TaskPrompt } from './tasks/task.js';

export interface MethodAnswer {
  /** Its own, greedy. */
  readonly text: string;
  /** Along the full cache's answer: one for each of its tokens. */
  readonly divergences: readonly Divergence[];
}

export interface MethodAnswerOptions {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly prompt: TaskPrompt;
  readonly full: FullAnswer;
  readonly method: Middleware<string, Capability>;
  readonly seed: number;
}

/**
 * What a method answers on the rows that it kept. The full cache's answer is forced upon it first, token by token, and the distributions are
 * compared; then the tokens from the first one on that it would not have chosen are taken back, and it goes on by itself. That
 * is its greedy answer from the start, since up to there it would have chosen the same; the method must not drop rows while decoding.
 */
export async function answerWith(options: MethodAnswerOptions): Promise<MethodAnswer> {
  const { decoder, tokenizer, prompt, full, method, seed } = options;
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
  const stack = pipeline(decoder, { tokenizer }).use(method).use(follow);
  const generation = await stack.start({ text }, { maxNewTokens, seed });
  try {
    while (!generation.done) await generation.step();
    const apart = divergences.findIndex(({ sameTop }) => !sameTop);
    if (apart >= 0) {
      generation.rollback(generation.tokens.length - apart);
      forced = [];
      while (!generation.done) await generation.step();
    }
    return { text: generation.text, divergences };
  } finally {
    await generation.close();
  }
}
