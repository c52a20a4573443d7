import { InvalidOptionsError } from '@pliant/core';

/**
 * Refuses layers that do not exist, are listed twice, or always run.
 * @param path of the option in the error
 * @param where named in the error
 * @throws InvalidOptionsError with a line per wrong layer
 */
export function checkLayers(
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
