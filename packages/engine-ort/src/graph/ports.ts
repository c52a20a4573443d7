import type { ModelGraph } from './model-graph.js';

/** What the graph offers beyond positions, cache lengths and logit rows, which are always there. */
export interface Ports {
  /** `in-place`: the caller passes one buffer as past and as present. `new-rows`: the graph returns only the rows it wrote. */
  readonly cache: 'in-place' | 'new-rows';
  /** Layers but the first can be switched off by LAYER_GATES. */
  readonly gates: boolean;
  /** The last QUERY_ROWS rows of each layer's queries are outputs. */
  readonly queries: boolean;
  /** HIDDEN_MEANS is an output. */
  readonly hiddenMeans: boolean;
  /** Only the first n layers, then final norm and LM head. Default all. */
  readonly layers?: number;
}

/** The model with ports, serialised; names in port-names.ts. `model` is not changed, weights are not touched. */
export declare function addPorts(model: ModelGraph, ports: Ports): Uint8Array;
