import { countMarks } from './must-stay.js';
import type { TokenRange } from './token-range.js';

export interface Filling {
  /** Tokens that stay, the required ones counted. */
  readonly keep: number;
  /** Each has its share of what is free, in proportion to what could be dropped of it. Default: all of it goes to the best, wherever they are. */
  readonly messages?: readonly TokenRange[];
  /** Blocks to complete where a part of them is required, before anything else. Default: the ranked ones. */
  readonly complete?: readonly TokenRange[];
  /** Blocks to take before any other, best first. */
  readonly first?: readonly TokenRange[];
}

/**
 * Adds blocks to the required tokens as long as they fit: those of which a part is required, then the best. A block that does not fit is
 * skipped, and smaller ones may follow. What shares leave over goes to the best of the rest.
 * @param required [n], tokens that stay in any case
 * @param ranked blocks of tokens, best first
 * @returns at most `keep` token indices, ascending
 */
export function fillBudget(
  required: Uint8Array,
  ranked: readonly TokenRange[],
  { keep, messages = [], complete = ranked, first = [] }: Filling,
): Int32Array {
  const kept = required.slice();
  const missing = ({ from, to }: TokenRange) => to - from - countMarks(kept.subarray(from, to));
  /** Returns what is left of `room`. */
  const take = (blocks: readonly TokenRange[], room: number) => {
    let left = room;
    for (const block of blocks) {
      const cost = missing(block);
      if (cost > left) continue;
      kept.fill(1, block.from, block.to);
      left -= cost;
    }
    return left;
  };

  const isCut = (block: TokenRange) => {
    const cost = missing(block);
    return cost > 0 && cost < block.to - block.from;
  };
  let room = take(complete.filter(isCut), keep - countMarks(kept));
  room = take(first, room);
  const droppable = kept.length - countMarks(kept);
  const shares = messages.map((message) => Math.floor((room * missing(message)) / droppable));
  for (const [index, message] of messages.entries())
    room += take(ranked.filter(within(message)), shares[index]) - shares[index];
  take(ranked, room);
  return indicesOf(kept);
}

export function within(range: TokenRange): (block: TokenRange) => boolean {
  return ({ from, to }) => from >= range.from && to <= range.to;
}

function indicesOf(kept: Uint8Array): Int32Array {
  const indices = new Int32Array(countMarks(kept));
  let next = 0;
  for (let i = 0; i < kept.length; i++) if (kept[i]) indices[next++] = i;
  return indices;
}
