import type { Automaton } from './automaton/automaton.js';
import { isReadable, type Program } from './automaton/program.js';
import type { RegexState } from './automaton/regex-state.js';
import { type CharSet, has, rangesOf } from './syntax/char-set.js';

/** Tried first, where a set has several code points of the same length. */
const preferred = [...'0aA "]})-'].map((char) => char.codePointAt(0)!);

/** Bytes of the longest completion. */
const maxLength = 4096;
const utf8 = new TextEncoder();
const continuations = Array.from({ length: 64 }, (_, i) => 0x80 + i);

/**
 * The shortest ways from states of an automaton to acceptance; where the pattern looks around,
 * short ones.
 */
export class Completions {
  /** [instructions], UTF-8 bytes from before it to acceptance; made when first asked for. */
  #lengths: Float64Array | undefined;
  /** [sets], the code point that is read on the way; -1 where there is none. */
  readonly #codePoints: readonly number[];

  constructor(
    readonly program: Program,
    readonly automaton: Automaton,
  ) {
    this.#codePoints = program.sets.map((set) => (isReadable(set) ? shortestOf(set) : -1));
  }

  /**
   * Bytes from a state to an accepting one between characters; undefined if they are more than
   * 4,096, or not known.
   */
  of(state: RegexState): Uint8Array | undefined {
    const bytes: number[] = [];
    for (let at = state; !at.accepting || at.before; ) {
      if (bytes.length > maxLength) return undefined;
      const next = this.#nextBytes(at);
      if (!next) return undefined;
      for (const byte of next) {
        bytes.push(byte);
        at = this.automaton.step(at, byte)!;
      }
    }
    return Uint8Array.from(bytes);
  }

  /** The next character on the way; inside a character, a byte that goes on with it. */
  #nextBytes(state: RegexState): Iterable<number> | undefined {
    if (state.before) return [continuations.find((byte) => this.automaton.step(state, byte))!];
    const codePoint = this.#nextCodePoint(state);
    return codePoint === undefined ? undefined : utf8.encode(String.fromCodePoint(codePoint));
  }

  #nextCodePoint(state: RegexState): number | undefined {
    if (state.look) {
      const way = this.automaton.wayFrom(state);
      return way && shortestOf(way);
    }
    this.#lengths ??= this.#findLengths();
    const lengths = this.#lengths;
    let best = state.reads[0];
    for (const read of state.reads) if (lengths[read] < lengths[best]) best = read;
    return this.#codePoints[this.program.set[best]];
  }

  /**
   * Backwards from acceptance by length: Dijkstra's algorithm over buckets. The assertion of the
   * start is on none of these ways.
   */
  #findLengths(): Float64Array {
    const { kinds, next, other, set } = this.program;
    const codePoints = this.#codePoints;
    const into: number[][] = kinds.map(() => []);
    const buckets: number[][] = [[]];
    for (const [at, kind] of kinds.entries()) {
      if (kind === 'accept') buckets[0].push(at);
      else if (kind === 'fork') for (const target of [next[at], other[at]]) into[target].push(at);
      else if (kind === 'read' && codePoints[set[at]] >= 0) into[next[at]].push(at);
      // Nothing is read after the end.
      else if (kind === 'end' && endsAt(this.program, next[at])) buckets[0].push(at);
    }
    const lengths = new Float64Array(kinds.length).fill(Number.POSITIVE_INFINITY);
    for (let length = 0; length < buckets.length; length++)
      for (const at of buckets[length] ?? []) {
        if (lengths[at] <= length) continue;
        lengths[at] = length;
        for (const before of into[at]) {
          const read = kinds[before] === 'read' ? utf8Length(codePoints[set[before]]) : 0;
          buckets[length + read] ??= [];
          buckets[length + read].push(before);
        }
      }
    return lengths;
  }
}

/** Whether acceptance is reached from an instruction without reading. */
function endsAt({ kinds, next, other }: Program, from: number): boolean {
  const seen = new Set<number>();
  const stack = [from];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    if (kinds[at] === 'accept') return true;
    if (kinds[at] === 'fork') stack.push(next[at], other[at]);
    if (kinds[at] === 'end') stack.push(next[at]);
  }
  return false;
}

function shortestOf(chars: CharSet): number {
  const known = preferred.find((char) => has(chars, char));
  if (known !== undefined) return known;
  const [first] = rangesOf(chars).find(([from, to]) => from < 0xd800 || to > 0xdfff)!;
  return first >= 0xd800 && first <= 0xdfff ? 0xe000 : first;
}

function utf8Length(codePoint: number): number {
  return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
}
