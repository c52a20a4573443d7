import type { AsyncConstraint } from '../contract/constraint.js';

/** Questions to the constraint before it gives up. */
const maxQuestions = 20_000;
const maxLength = 4096;

const ascii = (text: string) => [...text].map((char) => char.charCodeAt(0));
const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
/**
 * Bytes by what they cost a path, the first that is taken of each kind: what closes is tried before
 * what goes on.
 */
const kinds: readonly { readonly cost: number; readonly bytes: readonly number[] }[] = [
  ...ascii('}])>"\'').map((byte) => ({ cost: 1, bytes: [byte] })),
  ...ascii(':,;.-=/|_@+*#%&$!?\\`^~').map((byte) => ({ cost: 3, bytes: [byte] })),
  { cost: 2, bytes: range(0x30, 0x39) },
  { cost: 3, bytes: range(0x61, 0x7a) },
  { cost: 3, bytes: range(0x41, 0x5a) },
  { cost: 3, bytes: [0x20, 0x0a, 0x09, 0x0d] },
  ...ascii('{[(<').map((byte) => ({ cost: 6, bytes: [byte] })),
  { cost: 6, bytes: [...range(0x80, 0xff), ...range(0, 8), ...range(0x0b, 0x1f), 0x7f] },
];

interface Path<State> {
  readonly state: State;
  readonly bytes: readonly number[];
}

/**
 * Bytes after which the text may end: those that the constraint knows, else by a search of bounded
 * work that goes by what mostly closes things, so a short way and not always the shortest. Empty
 * where the text may end at once; undefined if none was found, and for constraints that answer
 * later.
 */
export function shortCompletion<State>(
  constraint: AsyncConstraint<State, unknown>,
  from: State,
): Uint8Array | undefined {
  const known = constraint.completion?.(from);
  if (known) return known;
  const waiting: Path<State>[][] = [[{ state: from, bytes: [] }]];
  const seen = new Set<State>([from]);
  const one = new Uint8Array(1);
  let questions = 0;
  const take = (cost: number, state: State, bytes: readonly number[]) => {
    if (seen.has(state) || bytes.length > maxLength) return;
    seen.add(state);
    waiting[cost] ??= [];
    waiting[cost].push({ state, bytes });
  };
  for (let cost = 0; cost < waiting.length; cost++) {
    for (let path = waiting[cost]?.pop(); path; path = waiting[cost].pop()) {
      const { state, bytes } = path;
      const canEnd = constraint.canEnd(state);
      if (canEnd instanceof Promise) return undefined;
      if (canEnd) return Uint8Array.from(bytes);
      const forced = constraint.forced?.(state);
      if (forced && forced.length > 0) {
        const after = constraint.advance(state, forced);
        if (after !== undefined && !(after instanceof Promise))
          take(cost + forced.length, after, [...bytes, ...forced]);
        continue;
      }
      for (const kind of kinds) {
        for (const byte of kind.bytes) {
          if (++questions > maxQuestions) return undefined;
          one[0] = byte;
          const after = constraint.advance(state, one);
          if (after instanceof Promise) return undefined;
          if (after === undefined) continue;
          take(cost + kind.cost, after, [...bytes, byte]);
          break;
        }
      }
    }
  }
  return undefined;
}
