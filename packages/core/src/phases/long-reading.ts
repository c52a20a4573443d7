import type { EncodedPrompt } from '../contract/tokenizer.js';
import type { LongReading } from '../prompt/encode-long.js';
import { beginTurn } from '../turn/begin-turn.js';
import type { ResolvedGenerateOptions } from '../turn/generate-options.js';
import type { Stack } from '../turn/turn.js';
import { beyondContext } from './beyond-context.js';
import { boundsOf } from './cache-bounds.js';

const nothing: EncodedPrompt = {
  ids: new Int32Array(),
  text: '',
  byteStart: new Int32Array(),
  byteEnd: new Int32Array(),
  spans: [],
};

/**
 * True if a stack may read a prompt longer than the context, because a middleware has a `prompt`
 * hook or renumbers the rows. The hooks that tell are made for an empty prompt and used for nothing
 * else.
 */
function mayBeLonger(stack: Stack, options: ResolvedGenerateOptions): boolean {
  if (stack.middlewares.length === 0) return false;
  try {
    const turn = beginTurn(stack, nothing, options, {}, () => {});
    return (
      turn.live.installed.some(({ hooks }) => hooks.prompt) || boundsOf(turn)?.renumbers === true
    );
  } catch {
    return true;
  }
}

/**
 * How a prompt is read that may be longer than the context.
 * @param from position of its first token
 * @param mayBeLonger whether it is read all the same; asked once, and only for such a prompt
 */
export function readingOf(
  stack: Stack,
  from: number,
  signal: AbortSignal | undefined,
  mayBeLonger: () => boolean,
): LongReading {
  let isBounded: boolean | undefined;
  return {
    signal,
    room: stack.decoder.shape.maxPositions - from,
    refuse: (tokens) => {
      isBounded ??= !mayBeLonger();
      return isBounded ? beyondContext(from + tokens, stack) : undefined;
    },
  };
}

/** `readingOf` the first prompt. */
export function readingOfFirst(stack: Stack, options: ResolvedGenerateOptions): LongReading {
  return readingOf(stack, 0, options.signal, () => mayBeLonger(stack, options));
}
