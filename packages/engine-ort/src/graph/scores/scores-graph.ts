import { create, toBinary } from '@bufbuild/protobuf';
import { kvType } from '../assemble/port-values.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { makeNode, makeValue } from '../onnx/node-builder.js';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
} from '../onnx/onnx_pb.js';
import type { ModelGraph } from '../read/model-graph.js';
import { addAttention } from './scores-attention.js';
import { addExpectedAttention } from './scores-expected.js';
import {
  SCORES,
  SCORES_KEYS,
  SCORES_POSITIONS,
  SCORES_QUERY,
  SCORES_ROW_WEIGHTS,
  SCORES_ROWS,
} from './scores-names.js';

export * from './scores-names.js';

export interface ScoresGraphOptions {
  readonly reduceRows: 'max' | 'mean' | 'sum';
  readonly reduceHeads: 'max' | 'mean' | 'sum' | 'none';
  /** Rows are multiplied by SCORES_ROW_WEIGHTS before the reduction. */
  readonly weighted: boolean;
  /**
   * Gives the attention that SCORES_POSITIONS are expected to pay instead of that of the rows.
   * `reduceRows` then has no effect.
   */
  readonly expected: boolean;
}

const OPSET = 18;
const IR_VERSION = 8;
const { FLOAT, INT64 } = TensorProto_DataType;

/** Layers with equal keys share one graph (and so one session). */
export function scoresGraphKey(
  model: ModelGraph,
  layer: number,
  options: ScoresGraphOptions,
): string {
  const { rotary, scale, softcap, slidingWindow, sinks } = model.attentions[layer];
  const { reduceRows, reduceHeads, weighted, expected } = options;
  return JSON.stringify([
    rotary,
    scale,
    softcap,
    slidingWindow,
    sinks,
    reduceRows,
    reduceHeads,
    weighted,
    expected,
  ]);
}

/**
 * Builds a graph for the attention of W query rows over the T rows of a layer's key cache, as the
 * attention operator computes it (its rotation, scale, softcap, window and sinks; causal; fp32). It
 * is reduced over the rows, then over the query heads of each KV head. With `expected` the queries
 * are at other positions and distributed as those rows; every row of the cache is then seen.
 *
 * The cos and sin tables are the model's own initializers. If they are in external files, the
 * session needs the model's folder, as the model itself does. It holds heads x W x T floats at a
 * time.
 * @returns the serialised graph
 * @throws UnsupportedModelError if the graph computes its tables
 */
export function buildScoresGraph(
  model: ModelGraph,
  layer: number,
  options: ScoresGraphOptions,
): Uint8Array {
  const attention = model.attentions[layer];
  const { heads, kvHeads, headDim } = model.shape;
  const builder = new GraphBuilder('scores');
  const probabilities = (options.expected ? addExpectedAttention : addAttention)(
    builder,
    model,
    attention,
  );
  const weighted = options.weighted
    ? builder.add('weighted', 'Mul', [
        probabilities,
        builder.add('weights', 'Reshape', [SCORES_ROW_WEIGHTS, builder.int64([-1, 1])]),
      ])
    : probabilities;
  const rows = builder.add(
    'reduced_rows',
    reduction(options.reduceRows),
    [weighted, builder.int64([2])],
    { keepdims: 0 },
  );
  builder.nodes.push(
    options.reduceHeads === 'none'
      ? makeNode('Reshape', [rows, builder.int64([heads, -1])], [SCORES])
      : makeNode(reduction(options.reduceHeads), [rows, builder.int64([1])], [SCORES], {
          keepdims: 0,
        }),
  );
  const graph = create(GraphProtoSchema, {
    name: 'attention_scores',
    node: builder.nodes,
    initializer: [...builder.constants.values()],
    input: [
      makeValue(SCORES_QUERY, FLOAT, [1, 'query_rows', heads * headDim]),
      makeValue(SCORES_POSITIONS, INT64, [1, options.expected ? 'positions' : 'query_rows']),
      makeValue(SCORES_KEYS, kvType(model), [1, kvHeads, 'capacity', headDim]),
      makeValue(SCORES_ROWS, INT64, [1]),
      ...(options.weighted ? [makeValue(SCORES_ROW_WEIGHTS, FLOAT, ['query_rows'])] : []),
    ],
    output: [makeValue(SCORES, FLOAT, [options.reduceHeads === 'none' ? heads : kvHeads, 'rows'])],
  });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: BigInt(IR_VERSION),
      opsetImport: [
        create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(OPSET) }),
        create(OperatorSetIdProtoSchema, { domain: 'com.microsoft', version: 1n }),
      ],
      producerName: 'pliant',
      graph,
    }),
  );
}

function reduction(kind: 'max' | 'mean' | 'sum'): string {
  return { max: 'ReduceMax', mean: 'ReduceMean', sum: 'ReduceSum' }[kind];
}
