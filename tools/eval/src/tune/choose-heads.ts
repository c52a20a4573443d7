import type { RetrievalHead } from '@pliant/prompt-compress';
import { type EvidencePlaces, evidencePlaces, utilities } from './evidence-place.js';
import type { HeadTable } from './head-table.js';

/** Heads that a step of the search looks at: those that are the best alone. */
const breadth = 24;

/**
 * Worth of each sentence by a set of heads: the most that one of them pays, as in `promptCompress`.
 * @returns [sentences of the table]
 */
export function combine(table: HeadTable, heads: readonly RetrievalHead[]): Float32Array {
  const all = new Float32Array(table.lengths.length);
  for (const head of heads) putHigher(all, table.worthsOf(head), all);
  return all;
}

/** Utility of each head alone in every question, in the order of `headsWithin` all layers. */
export function aloneUtilities(table: HeadTable): Float64Array[] {
  return table
    .headsWithin(table.layers)
    .map((head) => utilities(evidencePlaces(table, table.worthsOf(head))));
}

/** A set that grows by one head a step, and where it puts the evidence after each. */
export interface Growth {
  readonly heads: readonly RetrievalHead[];
  readonly places: readonly EvidencePlaces[];
}

/**
 * Grows a set by the head of the first `layers` that adds the most, whether or not it adds
 * anything.
 * @param fitted [questions], 1 where the question counts; places are those of all questions
 * @param alone as `aloneUtilities`
 */
export function growHeads(
  table: HeadTable,
  {
    layers,
    most,
    fitted,
    alone,
  }: {
    readonly layers: number;
    readonly most: number;
    readonly fitted: Uint8Array;
    readonly alone: readonly Float64Array[];
  },
): Growth {
  const total = (values: Float64Array) =>
    values.reduce((sum, value, question) => (fitted[question] === 1 ? sum + value : sum), 0);
  const candidates = table
    .headsWithin(layers)
    .map((head, i) => ({ head, alone: total(alone[i]) }))
    .sort((a, b) => b.alone - a.alone)
    .slice(0, breadth);
  const heads: RetrievalHead[] = [];
  const places: EvidencePlaces[] = [];
  let worths = new Float32Array(table.lengths.length);
  let tried = new Float32Array(table.lengths.length);
  let best = new Float32Array(table.lengths.length);
  while (heads.length < most && candidates.length > 0) {
    let chosen = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (const [i, { head }] of candidates.entries()) {
      putHigher(worths, table.worthsOf(head), tried);
      const value = total(utilities(evidencePlaces(table, tried)));
      if (value <= highest) continue;
      highest = value;
      chosen = i;
      [best, tried] = [tried, best];
    }
    heads.push(candidates[chosen].head);
    candidates.splice(chosen, 1);
    places.push(evidencePlaces(table, best));
    [worths, best] = [best, worths];
  }
  return { heads, places };
}

function putHigher(a: Float32Array, b: Float32Array, to: Float32Array): void {
  for (let i = 0; i < to.length; i++) to[i] = a[i] > b[i] ? a[i] : b[i];
}
