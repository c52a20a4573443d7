import type { CacheView, ForwardInput } from '@pliant/core';
import type { SkippedLayers } from './choose-layers.js';

/**
 * A forward that skips these layers too. Another middleware's gates stay: a layer runs if both let
 * it. Each middleware's scales apply to its own layers.
 * @param count of the decoder's layers
 */
export function gated(
  input: ForwardInput,
  { layers: skipped, scales }: SkippedLayers,
  count: number,
): ForwardInput {
  if (skipped.length === 0) return input;
  const gates = new Uint8Array(count).fill(1);
  for (const layer of skipped) gates[layer] = 0;
  const layers = input.layers?.map((gate, layer) => gate & gates[layer]) ?? gates;
  const layerScales = scales?.map((scale, layer) =>
    skipped.includes(layer) ? scale : (input.layerScales?.[layer] ?? 1),
  );
  return { ...input, layers, ...(layerScales && { layerScales }) };
}

/** Keeps every row, but none of the skipped layers. */
export function keepAllBut(view: CacheView, skipped: readonly number[]) {
  const all = Array.from({ length: view.layers }, (_, layer) =>
    Uint32Array.from({ length: skipped.includes(layer) ? 0 : view.rows(layer) }, (__, row) => row),
  );
  return (layer: number) => all[layer];
}
