import type { ConstraintList } from './constraint-list.js';

/** Questions to the parts before it is left open. */
const maxQuestions = 4_000;
const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));

/**
 * Whether some text satisfies all parts, as far as 4,000 questions to them tell: false is sure.
 * Predicates, and what answers later, are not asked.
 * @param states of the empty text
 */
export function canMeet(parts: ConstraintList, states: readonly unknown[]): boolean {
  const asked = parts.flatMap((part, i) => (part.wholeTokens ? [] : [{ part, state: states[i] }]));
  if (asked.length < 2) return true;
  const ids = new Map<unknown, number>();
  const idOf = (state: unknown) => {
    if (!ids.has(state)) ids.set(state, ids.size);
    return ids.get(state);
  };
  let questions = 0;
  const seen = new Set<string>();
  const open = [asked.map(({ state }) => state)];
  for (let at = open.pop(); at; at = open.pop()) {
    const key = at.map(idOf).join();
    if (seen.has(key)) continue;
    seen.add(key);
    const place = at;
    if (asked.every(({ part }, i) => part.canEnd(place[i]) !== false)) return true;
    for (const byte of bytes) {
      const after: unknown[] = [];
      for (const [i, { part }] of asked.entries()) {
        if (++questions > maxQuestions) return true;
        const state = part.advance(place[i], byte);
        if (state instanceof Promise) {
          state.catch(() => undefined);
          return true;
        }
        if (state === undefined) break;
        after.push(state);
      }
      if (after.length === asked.length) open.push(after);
    }
  }
  return false;
}
