import type { CacheView, KeepEdit } from './cache.js';
import { MiddlewareError } from './errors.js';

export interface NamedEdit {
  readonly middleware: string;
  readonly edit: KeepEdit;
}

/**
 * One edit out of several: kept sets are intersected, protected rows win, and rows at `before` and later positions go.
 * Heads left with fewer rows than the fullest head of their layer get back the newest rows they lost, since a layer's heads hold equally many.
 * @throws MiddlewareError for rows that do not exist, are not ascending, or differ in number within a layer
 */
export function combineEdits(
  view: CacheView,
  edits: readonly NamedEdit[],
  phase: { readonly name: string; readonly step: number },
  before = Number.POSITIVE_INFINITY,
): KeepEdit {
  const layers = Array.from({ length: view.layers }, (_, layer) => {
    const rows = view.rows(layer);
    for (const named of edits) checkKeep(view, layer, named, phase);
    const masks = Array.from({ length: view.kvHeads }, (_, head) =>
      keepMask(rows, edits, layer, head, phase),
    );
    masks.forEach((mask, head) => {
      const positions = view.positions(layer, head);
      for (let row = rows - 1; row >= 0 && positions[row] >= before; row--) mask[row] = 0;
    });
    return equalise(masks, (head, row) => view.positions(layer, head)[row] < before);
  });
  return { keep: (layer, kvHead) => layers[layer][kvHead] };
}

function checkKeep(
  view: CacheView,
  layer: number,
  { middleware, edit }: NamedEdit,
  { name, step }: { name: string; step: number },
): void {
  const counts = new Set<number>();
  for (let head = 0; head < view.kvHeads; head++) {
    const keep = edit.keep(layer, head);
    counts.add(keep.length);
    for (let i = 0; i < keep.length; i++) {
      if (keep[i] >= view.rows(layer))
        throw new MiddlewareError(
          middleware,
          name,
          step,
          `keeps row ${keep[i]} of layer ${layer}, KV head ${head}, which has ${view.rows(layer)} rows`,
        );
      if (i > 0 && keep[i] <= keep[i - 1])
        throw new MiddlewareError(
          middleware,
          name,
          step,
          `kept rows of layer ${layer}, KV head ${head} are not ascending (row ${keep[i]} after ${keep[i - 1]})`,
        );
    }
  }
  if (counts.size > 1)
    throw new MiddlewareError(
      middleware,
      name,
      step,
      `keeps different numbers of rows (${[...counts].join(', ')}) in the KV heads of layer ${layer}; the engine needs them equal`,
    );
}

function keepMask(
  rows: number,
  edits: readonly NamedEdit[],
  layer: number,
  head: number,
  { name, step }: { name: string; step: number },
): Uint8Array {
  const votes = new Uint8Array(rows);
  for (const { edit } of edits) for (const row of edit.keep(layer, head)) votes[row]++;
  const mask = votes.map((count) => (count === edits.length ? 1 : 0));
  for (const { middleware, edit } of edits)
    for (const row of edit.protect?.(layer, head) ?? []) {
      if (row >= rows)
        throw new MiddlewareError(
          middleware,
          name,
          step,
          `protects row ${row} of layer ${layer}, KV head ${head}, which has ${rows} rows`,
        );
      mask[row] = 1;
    }
  return mask;
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
