import {
  type Capability,
  type Decoder,
  type Middleware,
  type Pipeline,
  pipeline,
  type Tokenizer,
} from '@pliant/core';
import { isRight, makeNeedle, rightDigits } from './needle.js';

export interface NeedleRun {
  readonly seed: number;
  readonly answer: string;
  readonly text: string;
  readonly right: boolean;
  /** Leading digits that are right, 0 to 5. */
  readonly rightDigits: number;
  readonly depth: number;
  readonly promptTokens: number;
  readonly promptTokensKept: number;
  readonly timeToFirstTokenMs: number;
}

export interface NeedlesOptions {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly haystack: string;
  /** Tokens of a prompt. */
  readonly tokens: number;
  readonly seeds: readonly number[];
  readonly middlewares: readonly Middleware<string, Capability>[];
}

/** Asks for one needle per seed, greedily, up to twelve tokens. */
export async function* runNeedles(options: NeedlesOptions): AsyncGenerator<NeedleRun> {
  const { decoder, tokenizer, haystack, tokens, seeds, middlewares } = options;
  let stack: Pipeline<Capability, unknown> = pipeline(decoder, { tokenizer });
  for (const middleware of middlewares) stack = stack.use(middleware);
  for (const seed of seeds) {
    const needle = makeNeedle({ seed, tokens, haystack, tokenizer });
    const { text, metrics } = await stack.generate(
      { text: needle.text },
      { maxNewTokens: 12, seed },
    );
    yield {
      seed,
      answer: needle.answer,
      text,
      right: isRight(text, needle),
      rightDigits: rightDigits(text, needle),
      depth: needle.depth,
      promptTokens: metrics.promptTokens,
      promptTokensKept: metrics.promptTokensKept,
      timeToFirstTokenMs: metrics.timeToFirstTokenMs,
    };
  }
}
