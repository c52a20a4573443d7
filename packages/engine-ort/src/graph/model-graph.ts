import type { Capability, DecoderShape } from '@pliant/core';
import type { GraphProto, ModelProto, NodeProto } from './onnx_pb.js';

/** Rotation that the attention operator of a layer applies to queries and keys. */
export interface Rotary {
  /** Leading dimensions of a head that are rotated; the rest pass through. */
  readonly dimensions: number;
  /** Pairs are (0, 1), (2, 3), ... instead of (0, dimensions / 2), ... */
  readonly interleaved: boolean;
  /** Initializers [positions, dimensions / 2]; absent where the graph computes them. */
  readonly cosCache?: string;
  readonly sinCache?: string;
}

/** One decoder layer. */
export interface LayerGraph {
  readonly attention: NodeProto;
  /** Query, key and value in one tensor [B, S, (heads + 2 kvHeads) x headDim]. */
  readonly packed: boolean;
  /** Queries and keys are normalised per head before rotation. */
  readonly queryKeyNorm: boolean;
  /** Factor of the attention logits. */
  readonly scale: number;
  /** Attention logits become softcap x tanh(logit / softcap); 0 = off. */
  readonly softcap: number;
  /** Newest rows that a query sees, itself included, counted in cache rows; 0 = all. */
  readonly slidingWindow: number;
  /** Absent where the operator does not rotate. */
  readonly rotary?: Rotary;
  /** Initializer [heads], or 'zero': a logit per head that takes part in the softmax without a value. */
  readonly sinks?: string;
  /** Output of the layer's input norm; absent where none was recognised. */
  readonly normalisedInput?: string;
  /** Tensors that carry the layer's input: the pair (residual, last MLP output), or one tensor. Absent with `normalisedInput`. */
  readonly state?: readonly string[];
  /** Indices of the nodes that run only for this layer. */
  readonly body: readonly number[];
}

export interface ModelGraph {
  readonly model: ModelProto;
  readonly graph: GraphProto;
  readonly shape: DecoderShape;
  readonly kvElementType: 'float' | 'float16';
  readonly layers: readonly LayerGraph[];
  /** Relative paths of the files that hold weights, checked: no absolute path, no `..`. */
  readonly externalFiles: readonly string[];
  /** Operators used, `domain:type` for those outside the standard. */
  readonly operators: readonly string[];
  /** For each capability that the graph cannot serve: the reason and the way out. */
  readonly missing: { readonly [capability in Capability]?: string };
}

/**
 * Reads a decoder-only export whose attention is com.microsoft.GroupQueryAttention.
 * @param config the parsed config.json, where there is one: fills in what the graph leaves open
 * @throws InvalidModelError for bytes that are no ONNX model, UnsupportedModelError for another kind of model
 */
export declare function readModelGraph(bytes: Uint8Array, config?: unknown): ModelGraph;
