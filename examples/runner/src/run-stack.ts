import {
  type Capability,
  type Middleware,
  type Pipeline,
  type Prompt,
  pipeline,
  type Result,
  type Tokenizer,
} from '@pliant/core';
import type { OrtDecoder } from '@pliant/engine-ort';
import type { Arguments } from './arguments.js';
import { Progress } from './progress.js';

export interface Run {
  readonly stack: readonly string[];
  readonly result: Result;
}

/**
 * One answer through `middlewares`, with progress on standard error; an abort gives what there is.
 */
export async function runStack(
  decoder: OrtDecoder,
  tokenizer: Tokenizer,
  middlewares: readonly Middleware<string, Capability>[],
  prompt: Prompt,
  { maxNewTokens, temperature, seed }: Arguments,
  signal: AbortSignal,
): Promise<Run> {
  let stack: Pipeline<Capability, unknown> = pipeline(decoder, { tokenizer });
  for (const middleware of middlewares) stack = stack.use(middleware);
  const names = middlewares.map(({ name }) => name);
  const progress = new Progress(names.join(' + ') || 'plain');
  for await (const part of stack.stream(prompt, { maxNewTokens, temperature, seed, signal })) {
    progress.show(part);
    if (part.type === 'finish') return { stack: names, result: part.result };
  }
  throw new Error('the stream ended without a result');
}
