import type { EvidenceName } from '@pliant/core/engine';

/** What the graph offers beyond positions, cache lengths and logit rows, which it always has. */
export interface Ports {
  /**
   * `in-place`: the caller passes one buffer as past and as present. `new-rows`: the graph returns
   * only the rows that it wrote.
   */
  readonly cache: 'in-place' | 'new-rows';
  /** Layers but the first can be switched off by LAYER_GATES. */
  readonly gates: boolean;
  /** Kinds of evidence that the graph can give. Default none. */
  readonly evidence?: readonly EvidenceName[];
  /** Only the first n layers, then final norm and LM head. Default all. */
  readonly layers?: number;
  /**
   * Layers that the graph does not have, as if they were always switched off; not 0. Excludes
   * `gates`. Default none.
   */
  readonly leftOut?: readonly number[];
  /** Left-out layers multiply the state by LAYER_SCALES, as gated layers do. Default false. */
  readonly scales?: boolean;
  /**
   * Largest number of new rows of one sequence for which attention runs row by row, and rounds as
   * in forwards of one token. Needs an in-place cache, and excludes `gates`. Default: all new rows
   * at once.
   */
  readonly stepwise?: number;
}

/** Layers that the graph has. @param decoder with all of its `layers` */
export function layersThatRun(decoder: {
  readonly ports: Ports;
  readonly layers: number;
}): number[] {
  const { leftOut = [] } = decoder.ports;
  const layers = Array.from({ length: decoder.layers }, (_, layer) => layer);
  return layers.filter((layer) => !leftOut.includes(layer));
}
