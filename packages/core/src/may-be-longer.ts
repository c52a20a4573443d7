import { beginTurn } from './begin-turn.js';
import { boundsOf } from './cache-bounds.js';
import type { ResolvedGenerateOptions } from './generate-options.js';
import type { EncodedPrompt } from './tokenizer.js';
import type { Stack } from './turn.js';

const nothing: EncodedPrompt = {
  ids: new Int32Array(),
  text: '',
  byteStart: new Int32Array(),
  byteEnd: new Int32Array(),
  spans: [],
};

/**
 * Whether a stack may read a prompt longer than the context: a middleware has a `prompt` hook, or numbers the rows anew. Asked of hooks made for
 * an empty prompt, which are used for nothing else.
 */
export function mayBeLonger(stack: Stack, options: ResolvedGenerateOptions): boolean {
  if (stack.middlewares.length === 0) return false;
  try {
    const turn = beginTurn(stack, nothing, options, {}, () => {});
    return turn.installed.some(({ hooks }) => hooks.prompt) || boundsOf(turn)?.renumbers === true;
  } catch {
    return true;
  }
}
