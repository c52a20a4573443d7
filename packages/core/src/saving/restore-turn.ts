import type { GenerateOptions } from '../contract/generation.js';
import type { Warning } from '../contract/result.js';
import { beginTurn } from '../turn/begin-turn.js';
import { resolveGenerateOptions } from '../turn/generate-options.js';
import type { Stack, Turn } from '../turn/turn.js';
import type { LoadedGeneration } from './saved-generation.js';

/**
 * A turn as it was saved, with new hooks and random streams; its cache is not restored yet.
 * @param options replace the saved ones
 * @throws InvalidOptionsError, MiddlewareError, StackError
 */
export function restoreTurn(
  stack: Stack,
  { saved, promptLogits }: LoadedGeneration,
  options: GenerateOptions,
  onWarning: (warning: Warning) => void,
): Turn {
  const { number, isPrefix, position, original, kept, tokens, logWeights, promptEnd } = saved;
  const resolved = resolveGenerateOptions({ ...saved.options, ...options });
  const stream = `, loaded at ${tokens.length}`;
  const earlier = new Set(saved.earlier);
  const begin = { number, isPrefix, position, stream, earlier };
  const turn = beginTurn(stack, original, resolved, begin, onWarning);
  const { answer } = turn;
  Object.assign(answer, { kept, promptEnd, promptLogits });
  for (const weight of logWeights) answer.logWeights.push(weight);
  for (const token of tokens) {
    answer.tokens.push(token);
    answer.text.push(token);
  }
  answer.text.release(true);
  // Another limit than it had may let it go on.
  const { finishReason = 'length' } = saved;
  if (finishReason !== 'length' || tokens.length >= resolved.maxNewTokens)
    answer.finishReason = finishReason;
  return turn;
}
