import type { CheckedForward } from '../../checks/check-forward.js';
import type { DecoderShape, ForwardInput, ForwardOutput } from '../../contract/decoder.js';
import { MockEvidence } from './evidence/mock-evidence.js';
import type { MockCache } from './model/mock-cache.js';
import type { MockModel } from './model/mock-model.js';

/**
 * Runs a checked forward and gathers what it wants.
 * @param logits [S or more, vocabulary], reused by the next forward of the same sequence
 */
export function runForward(
  model: MockModel,
  shape: DecoderShape,
  cache: MockCache,
  { ids, positions, gates, scales }: CheckedForward,
  { want = {} }: ForwardInput,
  logits: Float32Array,
): ForwardOutput {
  const tokens = ids.length;
  const { vocabulary } = shape;
  const { logits: wanted = 'last' } = want;
  const evidence = new MockEvidence({ shape, cache, tokens, gates }, want);

  for (let token = 0; token < tokens; token++) {
    const observers = evidence.observersOf(token);
    model.read(cache, ids[token], positions[token], { gates, scales }, observers);
    cache.nextPosition = positions[token] + 1;
    if (wanted === 'all')
      model.logits(logits.subarray(token * vocabulary, (token + 1) * vocabulary));
  }
  if (wanted === 'last') model.logits(logits.subarray(0, vocabulary));

  const rows = { last: 1, all: tokens, none: 0 }[wanted];
  return { logits: logits.subarray(0, rows * vocabulary), ...evidence.result() };
}
