import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { ModelGraph } from '../read/model-graph.js';
import type { Ports } from './port-options.js';
import type { SharedTensors } from './shared-tensors.js';

/** A graph with ports while it is being built. */
export interface PortedGraph {
  readonly builder: GraphBuilder;
  readonly model: ModelGraph;
  readonly ports: Ports;
  readonly shared: SharedTensors;
  /** Layers of the decoder; fewer than the model's for a draft. */
  readonly layers: number;
}
