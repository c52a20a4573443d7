import type { Capability, DecoderShape, ScoresRequest } from '@pliant/core';
import type { Policy } from '@pliant/kv-drop';

/** Requests that `kvDrop` will make with these policies, on a prompt of `tokens` tokens. */
export function scoreRequests(
  policies: readonly Policy<Capability>[],
  { layers, slidingWindows }: DecoderShape,
  tokens: number,
): ScoresRequest[] {
  const full = Array.from({ length: layers }, (_, layer) => layer).filter(
    (layer) => !slidingWindows?.[layer],
  );
  return policies.flatMap((policy) => {
    const request = policy.scores?.(tokens);
    return request ? [{ ...request, layers: full }] : [];
  });
}
