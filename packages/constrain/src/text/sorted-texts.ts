import type { Constraint } from '../contract/constraint.js';
import { emptyMask, walkTrie } from '../contract/token-mask.js';
import type { TokenTrie } from '../contract/token-trie.js';

/** Texts in ascending order of their bytes, some perhaps the beginnings of others. */
export interface SortedTexts {
  readonly count: number;
  /** The byte of a text at a depth; -1 after its end. */
  byteAt(index: number, depth: number): number;
}

/**
 * The texts that begin with the bytes so far: `from` to `to` (exclusive), all the same in their
 * first `depth` bytes.
 */
export interface TextRange {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

/** Bytes of `forced` at once. */
const maxForced = 256;

/** The texts of `range` that go on with `byte`; undefined when none does. */
export function narrow(texts: SortedTexts, range: TextRange, byte: number): TextRange | undefined {
  const { depth } = range;
  const from = firstAbove(texts, range, byte - 1);
  if (from === range.to || texts.byteAt(from, depth) !== byte) return undefined;
  const to = firstAbove(texts, { from, to: range.to, depth }, byte);
  return { from, to, depth: depth + 1 };
}

/** The first text of a range whose next byte is above `byte`. */
function firstAbove(texts: SortedTexts, { from, to, depth }: TextRange, byte: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (texts.byteAt(middle, depth) > byte) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The hooks of a constraint whose texts are those of a sorted list, or beginnings of them. */
export function walkTexts<State extends TextRange>(
  texts: SortedTexts,
  step: (state: State, byte: number) => State | undefined,
  canEnd: (state: State) => boolean,
): Pick<Constraint<State>, 'advance' | 'forced' | 'completion' | 'mask'> {
  const goOn = (state: State): State => step(state, texts.byteAt(state.from, state.depth))!;
  /** The bytes of the first text of the range between two depths. */
  const bytesOf = ({ from }: State, first: number, last: number) =>
    Uint8Array.from({ length: last - first }, (_, i) => texts.byteAt(from, first + i));
  return {
    advance(state, bytes) {
      let at: State | undefined = state;
      for (let i = 0; at && i < bytes.length; i++) at = step(at, bytes[i]);
      return at;
    },
    forced(state) {
      let at = state;
      while (
        !canEnd(at) &&
        at.depth - state.depth < maxForced &&
        texts.byteAt(at.from, at.depth) === texts.byteAt(at.to - 1, at.depth)
      )
        at = goOn(at);
      return bytesOf(state, state.depth, at.depth);
    },
    completion(state) {
      let at = state;
      while (!canEnd(at)) at = goOn(at);
      return bytesOf(at, state.depth, at.depth);
    },
    mask(state: State, trie: TokenTrie) {
      const mask = emptyMask(trie);
      walkTrie(trie, state, mask, step);
      return mask;
    },
  };
}
