import { guard } from './guard.js';
import type { Turn } from './turn.js';

/**
 * Takes the last `count` tokens of the answer back and tells the hooks; the cache is the caller's.
 */
export function rollBack({ answer, live }: Turn, count: number): void {
  const left = answer.tokens.length - count;
  answer.tokens.length = left;
  answer.logWeights.length = left;
  answer.text = answer.text.replay(answer.tokens);
  answer.finishReason = undefined;
  answer.stopReason = undefined;
  live.seen = undefined;
  for (const { name, hooks } of live.installed)
    guard(name, 'rollback', left, () => hooks.rollback?.(count));
}
