import { z } from 'zod/v4';
import type { SavedCache } from '../contract/cache.js';
import type { DecoderShape } from '../contract/decoder.js';
import { InvalidOptionsError } from '../contract/errors.js';
import { parseOptions } from './parse-options.js';

const positions = z.instanceof(Int32Array);
const floats = z.instanceof(Float32Array);
const schema = z.strictObject({
  nextPosition: z.int().min(0).max(0x7fff_ffff),
  nextRotaryPosition: z.int().min(0),
  layers: z.array(
    z.strictObject({
      rows: z.int().min(0),
      positions,
      rotaryPositions: positions,
      keys: floats,
      values: floats,
    }),
  ),
});

/**
 * Checks a saved cache against the decoder that is to go on from it: sizes, and positions that
 * ascend below the next ones. The contents of keys and values are not checked. For decoders.
 * @param where named in the error
 * @throws InvalidOptionsError with the path of what is wrong
 */
export function checkSaved(
  where: string,
  saved: SavedCache,
  shape: Pick<DecoderShape, 'layers' | 'kvHeads' | 'headDim' | 'maxPositions'>,
): void {
  const { layers, kvHeads, headDim, maxPositions } = shape;
  const refuse = (path: string, message: string) =>
    new InvalidOptionsError(where, [{ path, message }]);
  const { nextPosition, nextRotaryPosition, layers: held } = parseOptions(where, schema, saved);
  if (nextRotaryPosition > maxPositions)
    throw refuse(
      'nextRotaryPosition',
      `${nextRotaryPosition} is past the model's context of ${maxPositions} tokens`,
    );
  if (held.length !== layers)
    throw refuse('layers', `${held.length} layers, where the model has ${layers}`);
  held.forEach((layer, at) => {
    const { rows } = layer;
    for (const [name, width, bound] of [
      ['positions', 1, nextPosition],
      ['rotaryPositions', 1, nextRotaryPosition],
      ['keys', headDim, undefined],
      ['values', headDim, undefined],
    ] as const) {
      const path = `layers.${at}.${name}`;
      const expected = kvHeads * rows * width;
      if (layer[name].length !== expected)
        throw refuse(
          path,
          `${layer[name].length} numbers, where ${rows} rows of ${kvHeads} KV heads have ${expected}`,
        );
      for (let head = 0; bound !== undefined && head < kvHeads; head++) {
        const own = layer[name].subarray(head * rows, (head + 1) * rows);
        if (!ascend(own, bound))
          throw refuse(path, `those of KV head ${head} do not ascend from 0 to ${bound - 1}`);
      }
    }
  });
}

function ascend(values: ArrayLike<number>, bound: number): boolean {
  let before = -1;
  for (let i = 0; i < values.length; i++) {
    if (values[i] <= before) return false;
    before = values[i];
  }
  return before < bound;
}
