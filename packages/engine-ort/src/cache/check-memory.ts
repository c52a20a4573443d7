import type { DecoderShape, ForwardInput } from '@pliant/core';
import { refuseHuge } from '../memory/allocate.js';
import type { KvCache } from './kv-cache.js';

/** @throws OutOfMemoryError if attention over this many tokens at once would not fit into memory */
export function checkMemory(
  { ids, want }: ForwardInput,
  shape: DecoderShape,
  cache: KvCache,
): void {
  const tokens = ids.length;
  if (tokens === 1) return;
  let rows = 0;
  for (let layer = 0; layer < shape.layers; layer++) rows = Math.max(rows, cache.rows(layer));
  const attention = shape.heads * tokens * (rows + tokens);
  const logits = want?.logits === 'all' ? tokens * shape.vocabulary : 0;
  refuseHuge(4 * (attention + logits), `A forward of ${tokens} tokens over ${rows} rows`);
}
