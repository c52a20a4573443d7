import { checkSkippedLayers, type Decoder, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';

const schema = z.object({
  /** As in a calibration. */
  order: z.array(z.int()),
  influences: z.array(z.number()).optional(),
});

export type ModelDefaults = z.output<typeof schema>;

/**
 * Reads and checks this package's defaults in a model's descriptor. Undefined if it has none.
 * @throws InvalidOptionsError
 */
export function modelDefaults({ id, defaults, shape }: Decoder): ModelDefaults | undefined {
  const own = defaults?.['layer-skip'];
  if (own === undefined) return undefined;
  const where = `layer-skip defaults of decoder '${id}'`;
  const parsed = parseOptions(where, schema, own);
  checkSkippedLayers('order', parsed.order, shape.layers, where);
  return parsed;
}
