import { countMarks } from '../tokens/marks.js';
import type { TokenRange, Unit } from '../tokens/token-range.js';

export interface Filling {
  /** Tokens to keep, including the required ones. */
  readonly keep: number;
  /**
   * Messages that each get a share of the free tokens, in proportion to what could be dropped of
   * them. Default: the best blocks get all, wherever they are.
   */
  readonly messages?: readonly TokenRange[];
  /**
   * Blocks to complete before anything else if a part of them is required. Default: the ranked
   * ones.
   */
  readonly complete?: readonly Unit[];
  /** Lists of blocks: the first one of each list that fits is taken before any other. */
  readonly first?: readonly (readonly Unit[])[];
}

/**
 * Adds blocks to the required tokens as long as they fit: first those of which a part is required,
 * then the best. A block that does not fit is skipped, and smaller ones may follow. Tokens that
 * shares leave unused go to the best of the rest.
 * @param required [n], tokens that stay in any case
 * @param ranked blocks of tokens, best first
 * @returns [n], 1 for at most `keep` tokens
 */
export function fillBudget(
  required: Uint8Array,
  ranked: readonly Unit[],
  { keep, messages = [], complete = ranked, first = [] }: Filling,
): Uint8Array {
  const kept = required.slice();
  const missing = ({ from, to }: TokenRange) => to - from - countMarks(kept.subarray(from, to));
  /** Returns what is left of `room`. */
  const take = (blocks: readonly Unit[], room: number, most = blocks.length) => {
    let left = room;
    let taken = 0;
    for (const block of blocks) {
      if (left === 0 || taken === most) break;
      const parts = [block, ...(block.needs ?? [])];
      const cost = parts.reduce((sum, part) => sum + missing(part), 0);
      if (cost > left) continue;
      for (const { from, to } of parts) kept.fill(1, from, to);
      left -= cost;
      taken++;
    }
    return left;
  };

  const isCut = (block: TokenRange) => {
    const cost = missing(block);
    return cost > 0 && cost < block.to - block.from;
  };
  let room = take(complete.filter(isCut), keep - countMarks(kept));
  for (const blocks of first) room = take(blocks, room, 1);
  if (messages.length > 0) {
    const droppable = kept.length - countMarks(kept);
    const shares = messages.map((message) => Math.floor((room * missing(message)) / droppable));
    const blocks = byMessage(ranked, messages, kept.length);
    for (const [index, share] of shares.entries()) room += take(blocks[index], share) - share;
  }
  take(ranked, room);
  return kept;
}

/** The ranked blocks of each message, best first; a block that crosses its border is in none. */
function byMessage(
  ranked: readonly Unit[],
  messages: readonly TokenRange[],
  length: number,
): Unit[][] {
  // [n], 1 + the index of the token's message; 0 if it is in none.
  const messageOf = new Int32Array(length);
  for (const [index, { from, to }] of messages.entries()) messageOf.fill(index + 1, from, to);
  const blocks: Unit[][] = messages.map(() => []);
  for (const block of ranked) {
    const message = messageOf[block.from];
    if (message > 0 && messageOf[block.to - 1] === message) blocks[message - 1].push(block);
  }
  return blocks;
}
