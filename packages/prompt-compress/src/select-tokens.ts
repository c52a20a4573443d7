import type { PromptSpan } from '@pliant/core';
import { pool } from './pool.js';

export interface Selection {
  /** Tokens to keep, everything counted. */
  readonly keep: number;
  readonly kernel: number;
  readonly neighbours: number;
  readonly pool: 'max' | 'mean';
}

/**
 * SpecPC's selection: the window first, then, from the best pooled score down, each token with its neighbours, nearest first, until
 * `keep` tokens are found; the last neighbourhood may be cut in the middle. Ties, which the paper leaves open: the earlier token, and
 * the neighbour before the token.
 * @param score [n], n above `keep`
 * @param required tokens that stay whatever their score (`requiredTokens`): the window, and what must not be dropped (ours)
 * @returns `keep` token indices, ascending
 */
export function selectTokens(
  score: Float64Array,
  selection: Selection,
  required: Uint8Array,
): Int32Array {
  const { keep, kernel, neighbours } = selection;
  const length = score.length;
  const pooled = pool(score, kernel, selection.pool);
  const ranked = Int32Array.from({ length }, (_, i) => i).sort(
    (a, b) => pooled[b] - pooled[a] || a - b,
  );
  const offsets = neighbourOffsets(neighbours);
  const kept = required.slice();
  let count = countKept(kept);
  for (let rank = 0; rank < length && count < keep; rank++) {
    for (const offset of offsets) {
      const token = Math.min(Math.max(ranked[rank] + offset, 0), length - 1);
      if (kept[token]) continue;
      kept[token] = 1;
      if (++count === keep) break;
    }
  }
  return indicesOf(kept, count);
}

/** [n], 1 for the last `window` tokens and those of spans marked `keep: 'always'`. */
export function requiredTokens(
  length: number,
  window: number,
  spans: readonly PromptSpan[],
): Uint8Array {
  const required = new Uint8Array(length);
  required.fill(1, length - window);
  for (const span of spans) if (span.keep === 'always') required.fill(1, span.from, span.to);
  return required;
}

export function countKept(kept: Uint8Array): number {
  let count = 0;
  for (const mark of kept) count += mark;
  return count;
}

/** `neighbours` offsets around 0, nearest first, of two equally near the negative one; 32 gives -15 to 16. Only 0 where it is 0. */
function neighbourOffsets(neighbours: number): number[] {
  if (neighbours === 0) return [0];
  const first = -Math.floor((neighbours - 1) / 2);
  return Array.from({ length: neighbours }, (_, i) => first + i).sort(
    (a, b) => Math.abs(a) - Math.abs(b) || a - b,
  );
}

function indicesOf(kept: Uint8Array, count: number): Int32Array {
  const indices = new Int32Array(count);
  let next = 0;
  for (let i = 0; i < kept.length; i++) if (kept[i]) indices[next++] = i;
  return indices;
}
