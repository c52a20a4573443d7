import { keptRows } from '../checks/kept-rows.js';
import type { CacheView, KeepEdit } from '../contract/cache.js';
import { MiddlewareError } from '../contract/errors.js';

export interface NamedEdit {
  readonly middleware: string;
  readonly edit: KeepEdit;
}

/**
 * One edit out of several: kept sets are intersected, protected rows win, and rows at `before` and
 * later positions go. Heads left with fewer rows than the fullest head of their layer get back the
 * newest rows they lost, since a layer's heads hold equally many. Rows are renumbered if any edit
 * asks for it; `rowsAhead` is the largest of all edits.
 * @throws MiddlewareError for rows that do not exist, are not ascending, or differ in number within
 * a layer
 */
export function combineEdits(
  view: CacheView,
  edits: readonly NamedEdit[],
  phase: { readonly name: string; readonly step: number },
  before = Number.POSITIVE_INFINITY,
): KeepEdit {
  const layers = Array.from({ length: view.layers }, (_, layer) => {
    const kept = edits.map(({ middleware, edit }) =>
      keptRows(
        view,
        layer,
        edit,
        (path, message) =>
          new MiddlewareError(middleware, phase.name, phase.step, `${path}: ${message}`),
      ),
    );
    // The usual case: one middleware, whose sets stand as they are.
    if (edits.length === 1 && !edits[0].edit.protect) {
      const heads = kept[0].map((rows, head) =>
        rows.subarray(0, countBefore(view, layer, head, rows, before)),
      );
      if (heads.every(({ length }) => length === heads[0].length)) return heads;
    }
    const rows = view.rows(layer);
    const masks = Array.from({ length: view.kvHeads }, (_, head) => {
      const mask = keepMask(
        rows,
        kept.map((heads) => heads[head]),
      );
      protect(mask, edits, layer, head, phase);
      const positions = view.positions(layer, head);
      for (let row = rows - 1; row >= 0 && positions[row] >= before; row--) mask[row] = 0;
      return mask;
    });
    return equalise(masks, (head, row) => view.positions(layer, head)[row] < before);
  });
  const ahead = edits.flatMap(({ edit }) => edit.rowsAhead ?? []);
  return {
    keep: (layer, kvHead) => layers[layer][kvHead],
    ...(edits.some(({ edit }) => edit.renumber) && { renumber: true }),
    ...(ahead.length > 0 && { rowsAhead: Math.max(...ahead) }),
  };
}

/** How many of the ascending `rows` have a position below `before`. */
function countBefore(
  view: CacheView,
  layer: number,
  head: number,
  rows: Uint32Array,
  before: number,
): number {
  const positions = view.positions(layer, head);
  let count = rows.length;
  while (count > 0 && positions[rows[count - 1]] >= before) count--;
  return count;
}

/** 1 for the rows that every edit keeps. */
function keepMask(rows: number, kept: readonly Uint32Array[]): Uint8Array {
  const votes = new Uint8Array(rows);
  for (const keep of kept) for (const row of keep) votes[row]++;
  return votes.map((count) => (count === kept.length ? 1 : 0));
}

function protect(
  mask: Uint8Array,
  edits: readonly NamedEdit[],
  layer: number,
  head: number,
  { name, step }: { name: string; step: number },
): void {
  for (const { middleware, edit } of edits)
    for (const row of edit.protect?.(layer, head) ?? []) {
      if (row >= mask.length)
        throw new MiddlewareError(
          middleware,
          name,
          step,
          `protects row ${row} of layer ${layer}, KV head ${head}, which has ${mask.length} rows`,
        );
      mask[row] = 1;
    }
}

function equalise(
  masks: Uint8Array[],
  allowed: (head: number, row: number) => boolean,
): Uint32Array[] {
  const counts = masks.map((mask) => mask.reduce((sum, bit) => sum + bit, 0));
  const fullest = Math.max(...counts);
  return masks.map((mask, head) => {
    for (let row = mask.length - 1; row >= 0 && counts[head] < fullest; row--)
      if (!mask[row] && allowed(head, row)) {
        mask[row] = 1;
        counts[head]++;
      }
    const keep = new Uint32Array(counts[head]);
    let next = 0;
    mask.forEach((bit, row) => {
      if (bit) keep[next++] = row;
    });
    return keep;
  });
}
