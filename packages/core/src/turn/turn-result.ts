import type { Result } from '../contract/result.js';
import { guard } from './guard.js';
import type { Turn } from './turn.js';

/** Sums the tokens' log-weights. -Infinity after a dead end, whose text must not count. */
export function logWeightOf({ answer }: Turn, from = 0): number {
  if (answer.finishReason === 'dead-end') return Number.NEGATIVE_INFINITY;
  return answer.logWeights.slice(from).reduce((sum, weight) => sum + weight, 0);
}

/** @typeParam Value what `use` put together from the types of the middlewares */
export function resultOf<Value>(turn: Turn): Result<Value> {
  const { given, answer, live } = turn;
  const { tokens, text, kept, finishReason, stopReason } = answer;
  const value = lastValue(turn) as Value | undefined;
  return {
    text: text.text,
    tokens: [...tokens],
    finishReason: finishReason ?? 'aborted',
    ...(stopReason === undefined ? {} : { stopReason }),
    ...(value === undefined ? {} : { value }),
    logWeight: logWeightOf(turn),
    warnings: [...live.warnings],
    metrics: live.meter.metrics(given.original.ids.length, kept.ids.length, tokens.length),
  };
}

/** The last middleware's value that has one; undefined before the answer has stopped. */
function lastValue({ answer, live }: Turn): unknown {
  if (answer.finishReason !== 'stop') return undefined;
  return live.installed.reduce<unknown>((value, { name, hooks }) => {
    const own = guard(name, 'value', answer.tokens.length, () => hooks.value?.(answer.text.text));
    return own === undefined ? value : own;
  }, undefined);
}

/**
 * Runs the `end` hooks, then closes the drafts that the next turn does not take over.
 * @throws the first error of a hook, after all have run
 */
export async function endTurn(turn: Turn, next?: Turn): Promise<void> {
  const { answer, live } = turn;
  const result = resultOf(turn);
  const errors: unknown[] = [];
  for (const { name, hooks } of live.installed)
    try {
      await guard(name, 'end', answer.tokens.length, () => hooks.end?.(result));
    } catch (error) {
      errors.push(error);
    }
  live.ended = true;
  // After an error the generation ends, and nothing is taken over.
  const adopted = errors.length === 0 ? next?.live.adopted : undefined;
  for (const draft of live.drafts.keys()) if (!adopted?.has(draft)) draft.close();
  live.drafts.clear();
  if (errors.length > 0) throw errors[0];
}
