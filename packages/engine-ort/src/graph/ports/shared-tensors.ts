import type { GraphBuilder } from '../onnx/graph-builder.js';
import { TensorProto_DataType } from '../onnx/onnx_pb.js';
import type { ModelGraph } from '../read/model-graph.js';
import * as port from './port-names.js';
import type { Ports } from './port-options.js';
import { addStepwiseRows, type StepwiseRow } from './stepwise-rows.js';

/** Small tensors made once per forward from the inputs of the ports, read by all layers. */
export interface SharedTensors {
  /** int64 [1], S. */
  readonly newRows: string;
  /** int64 [1], B. */
  readonly batch: string;
  /** [layers], int32 [B] each. */
  readonly seqlensK: readonly string[];
  /** [layers], int32 [1] each. */
  readonly totalSequenceLength: readonly string[];
  /**
   * With a new-rows cache: [layers], int64 [B, G, S, 1] each, the cache rows that the forward
   * writes.
   */
  readonly writtenRows?: readonly string[];
  /** With stepwise attention: inputs of each row. */
  readonly stepwiseRows?: readonly StepwiseRow[];
  /** With gates: [layers], bool [1] each. */
  readonly gates?: readonly string[];
  /** With gates or scales: [layers], [1] each, of the element type of the state. */
  readonly scales?: readonly string[];
}

export function addSharedTensors(
  builder: GraphBuilder,
  { shape, opset, kvElementType }: ModelGraph,
  ports: Ports,
  layers: number,
): SharedTensors {
  const inputShape = builder.add('input_shape', 'Shape', [port.INPUT_IDS]);
  const newRows = builder.add('new_rows', 'Gather', [inputShape, builder.int64([1])]);
  const flat = builder.add('seqlens_k', 'Reshape', [port.SEQLENS_K, builder.int64([-1])]);
  return {
    newRows,
    batch: builder.add('batch', 'Gather', [inputShape, builder.int64([0])]),
    seqlensK: builder.split('seqlens_k', flat, layers, opset),
    totalSequenceLength: builder.split(
      'total_sequence_length',
      port.TOTAL_SEQUENCE_LENGTH,
      layers,
      opset,
    ),
    ...(ports.cache === 'new-rows' && {
      writtenRows: addWrittenRows(builder, {
        inputShape,
        flat,
        layers,
        opset,
        kvHeads: shape.kvHeads,
      }),
    }),
    ...(ports.stepwise && {
      stepwiseRows: addStepwiseRows(
        builder,
        ports.stepwise,
        { newRows, seqlensK: flat },
        layers,
        opset,
      ),
    }),
    ...(ports.gates && { gates: builder.split('gate', port.LAYER_GATES, layers, opset) }),
    ...((ports.gates || ports.scales) && {
      scales: builder.split('scale', stateScales(builder, kvElementType), layers, opset),
    }),
  };
}

/**
 * Makes indices for GatherND. A slice would not do for a batch: each sequence and layer has its own
 * last row.
 */
function addWrittenRows(
  builder: GraphBuilder,
  sizes: {
    readonly inputShape: string;
    readonly flat: string;
    readonly layers: number;
    readonly kvHeads: number;
    readonly opset: number;
  },
): string[] {
  const one = builder.int64(1);
  const count = builder.add('new_row_count', 'Gather', [sizes.inputShape, one]);
  // Row s of S new ones, from the last: seqlens_k + (s - (S - 1)).
  const first = builder.add('first_offset', 'Sub', [one, count]);
  const offsets = builder.add('offsets', 'Reshape', [
    builder.add('offset_range', 'Range', [first, one, one]),
    builder.int64([1, 1, -1, 1]),
  ]);
  const last = builder.add('last_written', 'Reshape', [
    builder.add('seqlens_k_int64', 'Cast', [sizes.flat], { to: TensorProto_DataType.INT64 }),
    builder.int64([-1, 1, 1, 1]),
  ]);
  const rows = builder.add('written_rows', 'Expand', [
    builder.add('written_rows_one_head', 'Add', [last, offsets]),
    builder.int64([1, sizes.kvHeads, 1, 1]),
  ]);
  return builder.split('written_rows', rows, sizes.layers, sizes.opset);
}

/** LAYER_SCALES in the element type of the state. */
function stateScales(builder: GraphBuilder, type: ModelGraph['kvElementType']): string {
  if (type === 'float') return port.LAYER_SCALES;
  return builder.add('scales', 'Cast', [port.LAYER_SCALES], { to: TensorProto_DataType.FLOAT16 });
}
