import type { TokenCharacters } from './characters.js';
import type { TokenRange } from './token-range.js';

/**
 * Blocks of a gap, from each of its ends, that are tried as the one that stays between two others.
 */
const tried = 4;
/** UTF-16 units on each side of a border that decide. */
const looked = 8;

/**
 * Prevents two blocks that stood apart from touching so that they read as one word or number. One
 * block that parts them, a blank or a sign, stays between them. If none fits, the later one is
 * dropped, or the earlier one if the later must stay.
 * @param kept [n], 1 for tokens that stay; changed
 * @param blocks every token in one, in order
 * @param mayGo whether a block may be dropped
 * @param room tokens that may be added
 */
export function keepApart(
  kept: Uint8Array,
  blocks: readonly TokenRange[],
  text: string,
  { start, end }: TokenCharacters,
  mayGo: (block: TokenRange) => boolean,
  room: number,
): void {
  let left = room;
  // Kept blocks so far, by index.
  const before: number[] = [];
  for (let index = 0; index < blocks.length; index++) {
    if (!kept[blocks[index].from]) continue;
    while (!settle(index));
    if (kept[blocks[index].from]) before.push(index);
  }

  /** Whether the block at `index` and the one before it are settled. */
  function settle(index: number): boolean {
    const last = before.at(-1);
    if (last === undefined || last === index - 1 || !touch(last, index)) return true;
    const parting = partingBlock(last, index);
    if (parting !== undefined) {
      const { from, to } = blocks[parting];
      kept.fill(1, from, to);
      left -= to - from;
      before.push(parting);
      return true;
    }
    const goes = mayGo(blocks[index]) ? index : mayGo(blocks[last]) ? last : undefined;
    if (goes === undefined) return true;
    const { from, to } = blocks[goes];
    kept.fill(0, from, to);
    left += to - from;
    if (goes === index) return true;
    before.pop();
    return false;
  }

  function partingBlock(last: number, next: number): number | undefined {
    const near = new Set<number>();
    for (let i = 1; i <= tried && last + i < next; i++) near.add(last + i).add(next - i);
    return [...near]
      .filter((at) => {
        const { from, to } = blocks[at];
        return to - from <= left && !touch(last, at) && !touch(at, next);
      })
      .sort((a, b) => blocks[a].to - blocks[a].from - (blocks[b].to - blocks[b].from) || a - b)[0];
  }

  function touch(one: number, other: number): boolean {
    if (other === one + 1) return false;
    const a = blocks[one];
    const b = blocks[other];
    const ends = end[a.to - 1];
    const begins = start[b.from];
    return readsAsOne(
      text.slice(Math.max(start[a.from], ends - looked), ends),
      text.slice(begins, Math.min(end[b.to - 1], begins + looked)),
      text[begins - 1] ?? '',
      text[ends] ?? '',
    );
  }
}

/**
 * Whether two blocks become one word or number if they touch: letters or digits on both sides, or
 * digits around a point, comma, colon, hyphen or slash that joined none in the text.
 * @param before the character that stood before `later`
 * @param after the character that stood after `earlier`
 */
export function readsAsOne(earlier: string, later: string, before: string, after: string): boolean {
  if (unspacedEnd.test(earlier) || unspacedBegin.test(later)) return false;
  if (solidEnd.test(earlier) && solidBegin.test(later)) return true;
  if (/\p{Nd}$/u.test(earlier) && /^[.,:\-/]\p{Nd}/u.test(later)) return !/\p{Nd}/u.test(before);
  return /\p{Nd}[.,:\-/]$/u.test(earlier) && /^\p{Nd}/u.test(later) && !/\p{Nd}/u.test(after);
}

const unspacedEnd =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]$/u;
const unspacedBegin =
  /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;
const solidEnd = /[\p{L}\p{N}_][\p{M}]*$/u;
const solidBegin = /^[\p{L}\p{M}\p{N}_]/u;
