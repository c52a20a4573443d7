import { z } from 'zod/v4';
import type { CacheEdit, CacheView, KeepEdit } from '../contract/cache.js';
import type { Capability } from '../contract/capability.js';
import { InvalidOptionsError } from '../contract/errors.js';
import { functionSchema } from './argument-schemas.js';
import { keptRows, rowsBefore } from './kept-rows.js';
import { parseArguments } from './parse-options.js';
import { show } from './show.js';

const rowsOf = functionSchema<KeepEdit['keep']>('must be a function that gives rows');
/** A `KeepEdit`. */
export const keepSchema = z.strictObject({
  keep: rowsOf,
  protect: rowsOf.optional(),
  refeed: z.union([z.literal(0), z.literal(1)]).optional(),
  renumber: z.literal(true).optional(),
  rowsAhead: z.number().optional(),
});
const keepArguments = z.strictObject({ edit: keepSchema });
const truncateArguments = z.strictObject({ edit: z.strictObject({ truncate: z.number() }) });

/**
 * The capabilities that an edit uses. For decoders, which ask it first: what is not an edit is
 * refused here.
 * @throws InvalidArgumentError
 */
export function capabilitiesOfEdit(edit: CacheEdit): Capability[] {
  const isTruncation = typeof edit === 'object' && edit !== null && 'truncate' in edit;
  parseArguments('edit', isTruncation ? truncateArguments : keepArguments, { edit });
  return 'keep' in edit && edit.renumber ? ['kv.edit', 'positions.renumber'] : ['kv.edit'];
}

/**
 * Checks an edit that keeps rows before anything is moved. For decoders.
 * @param where named in the error
 * @returns [layers][G], the kept rows
 * @throws InvalidOptionsError
 */
export function checkKeep(where: string, view: CacheView, edit: KeepEdit): Uint32Array[][] {
  const { rowsAhead = 0, refeed = 0 } = edit;
  const refuse = (path: string, message: string) =>
    new InvalidOptionsError(where, [{ path, message }]);
  if (!Number.isSafeInteger(rowsAhead) || rowsAhead < 0)
    throw refuse('rowsAhead', `${show(rowsAhead)} is not a number of rows`);
  return Array.from({ length: view.layers }, (_, layer) => {
    const heads = keptRows(view, layer, edit, refuse);
    if (refeed)
      heads.forEach((indices, head) => {
        if (view.positions(layer, head)[indices.at(-1)!] >= view.nextPosition - 1)
          throw refuse(
            `keep(${layer}, ${head})`,
            'with refeed the row of the last token must not be kept',
          );
      });
    return heads;
  });
}

/**
 * Checks a truncation before anything is dropped. For decoders.
 * @param where named in the error
 * @returns [layers], the rows that are left
 * @throws InvalidOptionsError
 */
export function checkTruncate(where: string, view: CacheView, position: number): number[] {
  const refuse = (message: string) =>
    new InvalidOptionsError(where, [{ path: 'truncate', message }]);
  if (!Number.isInteger(position) || position < 0 || position > view.nextPosition)
    throw refuse(`${position} is not a position from 0 to ${view.nextPosition}`);
  return Array.from({ length: view.layers }, (_, layer) => {
    const counts = Array.from({ length: view.kvHeads }, (__, head) =>
      rowsBefore(view.positions(layer, head), position),
    );
    if (counts.some((count) => count !== counts[0]))
      throw refuse(
        `before position ${position} the KV heads of layer ${layer} hold ${counts.join(' and ')} rows: their counts must stay equal`,
      );
    return counts[0];
  });
}
