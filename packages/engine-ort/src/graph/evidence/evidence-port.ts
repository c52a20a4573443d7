import type { DecoderShape, ScoresRequest } from '@pliant/core';
import type { EvidenceName, Evidences } from '@pliant/core/engine';
import type { NodeProto, TensorProto_DataType, ValueInfoProto } from '../onnx/onnx_pb.js';
import type { PortedGraph } from '../ports/ported-graph.js';

/** How one kind of evidence enters the graph and leaves it. */
export interface EvidencePort<E extends EvidenceName> {
  /**
   * Sizes of the int64 inputs that only this kind needs, by name. They are all 0 in a forward that
   * does not want the kind.
   */
  inputs?(layers: number): { readonly [input: string]: number };
  /** Adds the kind to a graph. Called once for each graph. */
  addTo(graph: PortedGraph): EvidenceNodes;
  /** Values of the inputs in a run. */
  inputValues?(run: EvidenceRun<E>): { readonly [input: string]: ArrayLike<number> };
  /** Sizes of the float buffers that a run fills, by output. */
  buffers(run: EvidenceRun<E>): { readonly [output: string]: readonly number[] };
  /** Copies what one member of the batch gets out of the buffers. */
  take(
    buffers: { readonly [output: string]: Float32Array },
    member: EvidenceMember<E>,
  ): Evidences[E]['gives'] | Promise<Evidences[E]['gives']>;
}

/** What a kind of evidence adds to a graph. */
export interface EvidenceNodes {
  readonly outputs: readonly ValueInfoProto[];
  /** Nodes beside the attention of a layer, and the outputs of the layer that they make. */
  inLayer?(layer: number): {
    readonly nodes: readonly NodeProto[];
    readonly outputs: readonly LayerOutput[];
  };
  /** Nodes after the last layer. */
  afterLayers?(): readonly NodeProto[];
}

/** A tensor that a layer makes for its ports. */
export interface LayerOutput {
  readonly name: string;
  readonly type: TensorProto_DataType;
  /** The node that makes it, under the name `output`, when the layer is skipped. */
  skipped(output: string): NodeProto;
}

/** One run over a batch, of which some members want the kind. */
export interface EvidenceRun<E extends EvidenceName> {
  readonly shape: DecoderShape;
  readonly batch: number;
  /** Wants of the members that want the kind. */
  readonly wants: readonly Evidences[E]['want'][];
  /** Whether a layer runs. */
  runs(layer: number): boolean;
}

/** Query rows captured in a forward, the last `rows` of its new tokens. */
export interface QueryRows {
  readonly rows: number;
  /** [rows] */
  readonly positions: Int32Array;
  /** layer -> [rows, heads x D], before rotation; layers that ran. */
  readonly layers: ReadonlyMap<number, Float32Array>;
}

/** A member of the batch that wants the kind. */
export interface EvidenceMember<E extends EvidenceName> {
  readonly run: EvidenceRun<E>;
  readonly want: Evidences[E]['want'];
  /** Its place in the batch. */
  readonly slot: number;
  /** [S], rotary positions of its new rows. */
  readonly positions: Int32Array;
  /** Computes scores over its cache. */
  score(request: ScoresRequest, captured: QueryRows): Promise<ReadonlyMap<number, Float32Array>>;
}

/** The part of one slot of a buffer [layers, batch, width], copied: [layers, width]. */
export function copySlot(
  buffer: Float32Array,
  width: number,
  { slot, run: { shape, batch } }: Pick<EvidenceMember<EvidenceName>, 'slot' | 'run'>,
): Float32Array {
  const copy = new Float32Array(shape.layers * width);
  for (let layer = 0; layer < shape.layers; layer++) {
    const start = (layer * batch + slot) * width;
    copy.set(buffer.subarray(start, start + width), layer * width);
  }
  return copy;
}
