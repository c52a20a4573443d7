import type { CacheView, KeepEdit } from '../contract/cache.js';
import { show } from './show.js';

/**
 * The kept rows of a layer per KV head, checked: existing rows, ascending, equally many in every
 * head. For decoders and the pipeline.
 * @param refuse makes the error that is thrown
 */
export function keptRows(
  view: CacheView,
  layer: number,
  { keep }: Pick<KeepEdit, 'keep'>,
  refuse: (path: string, message: string) => Error,
): Uint32Array[] {
  const rows = view.rows(layer);
  const heads = Array.from({ length: view.kvHeads }, (_, head) => keep(layer, head));
  heads.forEach((indices, head) => {
    const path = `keep(${layer}, ${head})`;
    if (!(indices instanceof Uint32Array))
      throw refuse(path, `gave ${show(indices)}, where a Uint32Array of rows is needed`);
    if (indices.length !== heads[0].length)
      throw refuse(
        path,
        `${indices.length} rows, where KV head 0 keeps ${heads[0].length}: the counts of a layer must be equal`,
      );
    for (let i = 0; i < indices.length; i++) {
      if (indices[i] >= rows) throw refuse(path, `row ${indices[i]} of ${rows}`);
      if (i > 0 && indices[i] <= indices[i - 1]) throw refuse(path, 'rows must ascend');
    }
  });
  return heads;
}

/** How many of the ascending positions are below `position`. */
export function rowsBefore(positions: Int32Array, position: number): number {
  let count = positions.length;
  while (count > 0 && positions[count - 1] >= position) count--;
  return count;
}
