import { type Decoder, InvalidOptionsError, parseOptions } from '@pliant/core';
import { z } from 'zod';

/** The layers to skip. `measured`: false where they were spread evenly for want of a measured order. */
export interface ChosenLayers {
  readonly skipped: readonly number[];
  readonly measured: boolean;
}

const defaultsSchema = z.object({ order: z.array(z.int()) });

/**
 * Resolves the options of `layerSkip` against a decoder.
 * @throws InvalidOptionsError
 */
export function chooseLayers(
  options: { readonly layers?: readonly number[]; readonly skip?: number },
  decoder: Decoder,
): ChosenLayers {
  const count = decoder.shape.layers;
  if (options.layers) {
    checkLayers('layers', options.layers, count, 'layer-skip');
    return { skipped: options.layers, measured: true };
  }
  const skip = options.skip ?? 0;
  const defaults = decoder.defaults?.['layer-skip'];
  const where = `layer-skip defaults of decoder '${decoder.id}'`;
  const order =
    defaults === undefined ? undefined : parseOptions(where, defaultsSchema, defaults).order;
  if (order) checkLayers('order', order, count, where);
  const candidates = order ?? unprotected(count);
  if (skip > candidates.length) {
    const source = order
      ? `the measured order of decoder '${decoder.id}'`
      : `what decoder '${decoder.id}' can skip without a measured order`;
    const message = `is ${skip}, but ${source} has ${candidates.length} layers; name them in 'layers' instead`;
    throw new InvalidOptionsError('layer-skip', [{ path: 'skip', message }]);
  }
  if (order) return { skipped: order.slice(0, skip), measured: true };
  return { skipped: spread(candidates, skip), measured: skip === 0 };
}

function checkLayers(path: string, layers: readonly number[], count: number, where: string): void {
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

/** All but the first three and the last: the layers whose removal breaks small models (ours, after a TinyLlama ablation). */
function unprotected(count: number): number[] {
  return Array.from({ length: Math.max(0, count - 4) }, (_, i) => i + 3);
}

/** `skip` of the candidates, in the middle of equal parts. */
function spread(candidates: readonly number[], skip: number): number[] {
  return Array.from(
    { length: skip },
    (_, i) => candidates[Math.floor(((i + 0.5) * candidates.length) / skip)],
  );
}
