import { InvalidOptionsError } from '../contract/errors.js';

/**
 * Refuses a list of layers to skip that names one that does not exist, one twice, or layer 0.
 * @param path of the option, for the error
 * @param layers from 0
 * @param count of the decoder's layers
 * @param where named in the error: the middleware, or where the list comes from
 * @throws InvalidOptionsError with an issue for each wrong layer
 */
export function checkSkippedLayers(
  path: string,
  layers: readonly number[],
  count: number,
  where: string,
): void {
  const issues = layers.flatMap((layer, i) => {
    const at = { path: `${path}.${i}` };
    if (layer === 0) return [{ ...at, message: 'layer 0 always runs' }];
    if (layer < 0 || layer >= count)
      return [{ ...at, message: `is ${layer}, but the layers are 0 to ${count - 1}` }];
    if (layers.indexOf(layer) < i) return [{ ...at, message: `layer ${layer} is listed twice` }];
    return [];
  });
  if (issues.length > 0) throw new InvalidOptionsError(where, issues);
}
