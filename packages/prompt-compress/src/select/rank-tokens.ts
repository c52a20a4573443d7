import type { TokenRange } from '../tokens/token-range.js';
import { pool } from './pool.js';

export interface Pooling {
  readonly kernel: number;
  readonly neighbours: number;
  readonly pool: 'max' | 'mean';
}

/**
 * Ranks tokens in SpecPC's order: from the best pooled score down, each token with its neighbours,
 * nearest first. The paper leaves ties open; here the earlier token comes first, and the neighbour
 * before the token. If a character is spread over several tokens, they are one block and rank with
 * the first of them found (ours).
 * @param score [n]
 * @param blocks every token in one, in order
 * @returns each block once
 */
export function rankTokens(
  score: Float64Array,
  pooling: Pooling,
  blocks: readonly TokenRange[],
): TokenRange[] {
  const length = score.length;
  const pooled = pool(score, pooling.kernel, pooling.pool);
  const ranked = Int32Array.from({ length }, (_, i) => i).sort(
    (a, b) => pooled[b] - pooled[a] || a - b,
  );
  const blockOf = new Int32Array(length);
  for (const [index, { from, to }] of blocks.entries()) blockOf.fill(index, from, to);
  const offsets = neighbourOffsets(Math.min(pooling.neighbours, 2 * score.length));
  const found: TokenRange[] = [];
  const isFound = new Uint8Array(blocks.length);
  for (const best of ranked) {
    for (const offset of offsets) {
      const index = blockOf[Math.min(Math.max(best + offset, 0), length - 1)];
      if (isFound[index]) continue;
      isFound[index] = 1;
      found.push(blocks[index]);
    }
  }
  return found;
}

/**
 * Returns `neighbours` offsets around 0, nearest first, the negative one of two equally near. 32
 * gives -15 to 16; 0 gives 0 alone.
 */
function neighbourOffsets(neighbours: number): number[] {
  if (neighbours === 0) return [0];
  const first = -Math.floor((neighbours - 1) / 2);
  return Array.from({ length: neighbours }, (_, i) => first + i).sort(
    (a, b) => Math.abs(a) - Math.abs(b) || a - b,
  );
}
