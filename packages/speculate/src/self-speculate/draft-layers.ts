import {
  checkSkippedLayers,
  type Decoder,
  InvalidOptionsError,
  parseOptions,
  type Run,
} from '@pliant/core';
import { z } from 'zod/v4';

const name = 'self-speculate';
const defaultsSchema = z.object({ order: z.array(z.int()) });

/** The layers that the draft runs. */
export interface DraftLayers {
  /** [layers], 1 = runs. */
  readonly gates: Uint8Array;
  readonly skipped: readonly number[];
  /** False if layers are evenly spread because no order was measured for the model. */
  readonly measured: boolean;
}

/**
 * Resolves which layers a draft skips: the given ones; else the first `skip` of the model's
 * measured order, `decoder.defaults['self-speculate'].order`; else layers evenly spread between the
 * first three and the last.
 * @throws InvalidOptionsError if the decoder has no such layer, or fewer that can be skipped
 */
export function draftLayers(
  { layers, skip = 0 }: { readonly layers?: readonly number[]; readonly skip?: number },
  decoder: Decoder,
): DraftLayers {
  const count = decoder.shape.layers;
  if (layers) checkSkippedLayers('layers', layers, count, name);
  const order = layers ?? measuredOrder(decoder);
  const skipped = layers ?? order?.slice(0, skip) ?? evenlySpread(count, skip);
  if (!layers && skipped.length < skip) {
    const message = `is ${skip}, but the draft can skip ${skipped.length} layers of decoder '${decoder.id}'; skip fewer, or name them in 'layers'`;
    throw new InvalidOptionsError(name, [{ path: 'skip', message }]);
  }
  const gates = new Uint8Array(count).fill(1);
  for (const layer of skipped) gates[layer] = 0;
  return { gates, skipped, measured: order !== undefined };
}

/** Layers in the order in which skipping them costs least. @throws InvalidOptionsError */
function measuredOrder({ id, defaults, shape }: Decoder): readonly number[] | undefined {
  const own = defaults?.[name];
  if (own === undefined) return undefined;
  const where = `${name} defaults of decoder '${id}'`;
  const { order } = parseOptions(where, defaultsSchema, own);
  checkSkippedLayers('order', order, shape.layers, where);
  return order;
}

/** Small models break without their first three layers or their last, which therefore run. */
function evenlySpread(layers: number, skip: number): number[] {
  const candidates = Math.max(0, layers - 4);
  const count = Math.min(skip, candidates);
  return Array.from(
    { length: count },
    (_, part) => 3 + Math.floor(((part + 0.5) * candidates) / count),
  );
}

export function warnOfUnmeasured(run: Run, { measured, skipped }: DraftLayers): void {
  if (measured) return;
  run.warn({
    type: 'degraded',
    feature: 'skip',
    details: `decoder '${run.decoder.id}' has no measured order of layers: drafting without ${skipped.join(', ')}, evenly spread`,
  });
}
