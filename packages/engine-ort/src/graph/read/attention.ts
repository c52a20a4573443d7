import { UnsupportedModelError } from '../errors.js';
import type { GraphIndex } from '../onnx/graph-index.js';
import { floatAttribute, intAttribute } from '../onnx/node-attributes.js';
import type { NodeProto, TensorProto } from '../onnx/onnx_pb.js';
import type { WayOut } from './way-out.js';

export const GROUP_QUERY_ATTENTION = 'GroupQueryAttention';

/** Places of the operator's inputs. */
export const GQA_INPUT = {
  query: 0,
  key: 1,
  value: 2,
  pastKey: 3,
  pastValue: 4,
  seqlensK: 5,
  totalSequenceLength: 6,
  cosCache: 7,
  sinCache: 8,
  positionIds: 9,
  attentionBias: 10,
  headSink: 11,
  keyScale: 12,
  valueScale: 13,
  queryNorm: 14,
  keyNorm: 15,
} as const;

/** Rotation that the attention operator of a layer applies to queries and keys. */
export interface Rotary {
  /** Leading dimensions of a head that are rotated; the rest pass through. */
  readonly dimensions: number;
  /** Pairs are (0, 1), (2, 3), ... instead of (0, dimensions / 2), ... */
  readonly interleaved: boolean;
  /** Positions that the tables have. */
  readonly positions: number;
  /** Initializers [positions, dimensions / 2]. */
  readonly cosCache: string;
  readonly sinCache: string;
}

/** One attention operator, taken apart. */
export interface Attention {
  readonly node: NodeProto;
  readonly heads: number;
  readonly kvHeads: number;
  /** Query, key and value in one tensor [B, S, (heads + 2 kvHeads) x headDim]. */
  readonly packed: boolean;
  /** Factor of the attention logits; 0 = 1 / sqrt(headDim). */
  readonly scale: number;
  /** Attention logits become softcap x tanh(logit / softcap); 0 = off. */
  readonly softcap: number;
  /** Newest rows that a query sees, itself included, counted in cache rows; 0 = all. */
  readonly slidingWindow: number;
  /**
   * `computed`: the graph computes the tables, so nothing outside it can rotate the same way.
   * Absent if nothing is rotated.
   */
  readonly rotary?: Rotary | 'computed';
  /**
   * A logit per head that takes part in the softmax without a value: an initializer [heads], or
   * `zero`.
   */
  readonly sinks?: string;
}

/** @throws UnsupportedModelError for a variant of the operator that ports cannot serve */
export function readAttention(node: NodeProto, index: GraphIndex, wayOut: WayOut): Attention {
  const where = `Attention operator '${node.name || node.output[0]}'`;
  const heads = intAttribute(node, 'num_heads', 0);
  const kvHeads = intAttribute(node, 'kv_num_heads', 0);
  if (heads < 1 || kvHeads < 1 || heads % kvHeads !== 0)
    throw new UnsupportedModelError(`${where} has ${heads} query heads on ${kvHeads} KV heads.`);
  if (node.input[GQA_INPUT.attentionBias])
    throw new UnsupportedModelError(
      `${where} takes an attention bias, which would have to change with every cache edit. Use a model with rotary positions.`,
    );
  const at = node.input.findIndex((name, place) => place > GQA_INPUT.headSink && name);
  if (at > 0)
    throw new UnsupportedModelError(
      `${where} ${beyondSinks(at)} (input ${at}, '${node.input[at]}'). ${wayOut.again}`,
    );
  if (intAttribute(node, 'sliding_window_cache', 0) !== 0)
    throw new UnsupportedModelError(
      `${where} keeps a windowed cache. Export with windowed_kv_cache=false (onnxruntime-genai's builder, extra option).`,
    );
  const sink = node.input[GQA_INPUT.headSink];
  if (sink && !index.initializers.has(sink))
    throw new UnsupportedModelError(`${where} computes its attention sinks.`);
  return {
    node,
    heads,
    kvHeads,
    packed: !node.input[GQA_INPUT.key],
    scale: floatAttribute(node, 'scale', 0),
    softcap: floatAttribute(node, 'softcap', 0),
    slidingWindow: Math.max(0, intAttribute(node, 'local_window_size', -1)),
    ...(intAttribute(node, 'do_rotary', 0) !== 0 && { rotary: readRotary(node, index, where) }),
    ...(sink
      ? { sinks: sink }
      : intAttribute(node, 'smooth_softmax', 0) === 1 && { sinks: 'zero' }),
  };
}

/** What the inputs after the sinks make the operator do. */
function beyondSinks(at: number): string {
  if (at === GQA_INPUT.keyScale || at === GQA_INPUT.valueScale) return 'has a quantised cache';
  if (at === GQA_INPUT.queryNorm || at === GQA_INPUT.keyNorm)
    return 'normalises queries and keys itself, as exports for WebGPU do';
  return 'has an input that the engine does not know';
}

function readRotary(node: NodeProto, index: GraphIndex, where: string): Rotary | 'computed' {
  const cosCache = node.input[GQA_INPUT.cosCache] ?? '';
  const sinCache = node.input[GQA_INPUT.sinCache] ?? '';
  const cos = index.initializers.get(cosCache);
  const sin = index.initializers.get(sinCache);
  if (!cos || !sin) {
    if (index.producer.has(cosCache) && index.producer.has(sinCache)) return 'computed';
    throw new UnsupportedModelError(`${where} rotates without tables of cosines and sines.`);
  }
  const [positions, half] = tableShape(cos);
  if (!(positions > 0 && half > 0) || tableShape(sin).join() !== `${positions},${half}`)
    throw new UnsupportedModelError(`${where} has tables of cosines and sines of unequal shape.`);
  return {
    dimensions: 2 * half,
    interleaved: intAttribute(node, 'rotary_interleaved', 0) !== 0,
    positions,
    cosCache,
    sinCache,
  };
}

function tableShape(tensor: TensorProto): number[] {
  return tensor.dims.length === 2 ? tensor.dims.map(Number) : [];
}
