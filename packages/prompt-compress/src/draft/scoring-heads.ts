import type { Decoder } from '@pliant/core';
import { measuredHeads } from '../options/measured-defaults.js';
import type { ParsedSelection } from '../options/selection-options.js';
import type { Scoring } from './draft-scores.js';

/**
 * Returns the heads of a draft whose attention counts: the given ones, else those measured for its
 * model if the draft reaches all of them, else all from a layer on.
 */
export function scoringHeads(
  draft: Decoder,
  { startLayer, heads: given }: Pick<ParsedSelection, 'startLayer' | 'heads'>,
): Pick<Scoring, 'layers' | 'heads'> {
  const { layers: depth } = draft.shape;
  const heads = given ?? (startLayer === undefined ? measuredHeads(draft) : undefined);
  if (!heads) {
    const first = startLayer ?? Math.min(8, Math.floor(depth / 2));
    return { layers: Array.from({ length: depth - first }, (_, i) => i + first) };
  }
  const byLayer = new Map<number, number[]>();
  for (const { layer, head } of heads) byLayer.set(layer, [...(byLayer.get(layer) ?? []), head]);
  return { layers: [...byLayer.keys()].sort((a, b) => a - b), heads: byLayer };
}
