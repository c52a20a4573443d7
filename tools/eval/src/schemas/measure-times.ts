import { type Constraint, type TokenTrie, tokenMask } from '@pliant/constrain';
import type { Tokenizer } from '@pliant/core';
import { cpuMs } from './cpu-time.js';

export interface Times {
  /** CPU ms of each mask. */
  readonly masks: number[];
  /** us, by the clock, of each step to the next token of a text. */
  readonly checks: number[];
}

/**
 * Walks a text that satisfies the constraint, token by token: each step is timed, and the mask
 * before every `every`-th token.
 */
export function measureTimes(
  constraint: Constraint,
  text: string,
  tokenizer: Tokenizer,
  trie: TokenTrie,
  every: number,
): Times {
  const times: Times = { masks: [], checks: [] };
  let state = constraint.start();
  for (const [index, token] of tokenizer.encode(text).entries()) {
    if (state === undefined) break;
    if (index % every === 0) {
      const started = cpuMs();
      tokenMask(constraint, state, trie);
      times.masks.push(cpuMs() - started);
    }
    const started = performance.now();
    state = constraint.advance(state, tokenizer.bytes(token));
    times.checks.push((performance.now() - started) * 1000);
  }
  return times;
}
