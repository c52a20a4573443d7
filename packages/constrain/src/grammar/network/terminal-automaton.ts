import { buildAlphabet } from '../../regex/automaton/alphabet.js';
import { type CharSet, complement, everything, union } from '../../regex/syntax/char-set.js';
import type { AutomatonState } from '../rules/expression.js';
import { type ItemSet, ItemSets } from './item-set.js';
import type { Network } from './network.js';

/** States and edges of the largest automaton. */
const maxSize = 20_000;

/** A deterministic automaton over code points. State 0 is the first; none matches nothing. */
export type Automaton = readonly AutomatonState[];

/**
 * The automaton of a network without calls.
 * @param tooLarge throws the error
 */
export function determinise(network: Network, tooLarge: () => never): Automaton {
  const alphabet = buildAlphabet(network.sets, tooLarge);
  const sets = new ItemSets(network, alphabet);
  const start = sets.start();
  if (!start) return [];
  return explore<ItemSet>(
    start,
    (set) => ({
      accepting: set.ended.length > 0,
      edges: alphabet.codePoints.flatMap((codePoints, id) => {
        const after = codePoints.length === 0 ? null : sets.step(set, id);
        return after ? [[codePoints, after] as const] : [];
      }),
    }),
    (set) => set,
    tooLarge,
  );
}

/** Matches what both `a` and `b` match. */
export function intersection(a: Automaton, b: Automaton, tooLarge: () => never): Automaton {
  if (a.length === 0 || b.length === 0) return [];
  return explore<readonly [number, number]>(
    [0, 0],
    ([i, j]) => ({
      accepting: a[i].accepting && b[j].accepting,
      edges: a[i].edges.flatMap(([first, toA]) =>
        b[j].edges.flatMap(([second, toB]) => {
          const both = common(first, second);
          return both.length === 0 ? [] : [[both, [toA, toB] as const] as const];
        }),
      ),
    }),
    ([i, j]) => i * b.length + j,
    tooLarge,
  );
}

/** Matches what the automaton does not match. */
export function negation(automaton: Automaton): Automaton {
  const anything = automaton.length;
  return [
    ...automaton.map(({ accepting, edges }) => {
      const rest = complement(union(edges.map(([set]) => set)));
      const added = rest.length === 0 ? [] : [[rest, anything] as const];
      return { accepting: !accepting, edges: [...edges, ...added] };
    }),
    { accepting: true, edges: [[everything, anything]] },
  ];
}

/** Matches what the automaton matches, unless it also matches a proper beginning of that. */
export function shortest(automaton: Automaton): Automaton {
  return automaton.map(({ accepting, edges }) => ({ accepting, edges: accepting ? [] : edges }));
}

function common(a: CharSet, b: CharSet): CharSet {
  return complement(union([complement(a), complement(b)]));
}

/** Numbers all states reachable from the first one. */
function explore<State>(
  first: State,
  follow: (state: State) => { accepting: boolean; edges: (readonly [CharSet, State])[] },
  key: (state: State) => unknown,
  tooLarge: () => never,
): Automaton {
  const ids = new Map<unknown, number>([[key(first), 0]]);
  const states = [first];
  const result: AutomatonState[] = [];
  let size = 0;
  for (const state of states) {
    const { accepting, edges } = follow(state);
    const byTarget = new Map<number, CharSet[]>();
    for (const [set, target] of edges) {
      let id = ids.get(key(target));
      if (id === undefined) {
        id = states.push(target) - 1;
        ids.set(key(target), id);
      }
      byTarget.set(id, [...(byTarget.get(id) ?? []), set]);
    }
    size += 1 + byTarget.size;
    if (size > maxSize) tooLarge();
    result.push({ accepting, edges: [...byTarget].map(([to, sets]) => [union(sets), to]) });
  }
  return result;
}
