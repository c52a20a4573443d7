import type { GraphBuilder } from '../onnx/graph-builder.js';
import { TensorProto_DataType } from '../onnx/onnx_pb.js';
import * as port from './port-names.js';

/**
 * Inputs of the attention of one new row, made once per forward from the ports' inputs and read by
 * all layers.
 */
export interface StepwiseRow {
  /** int64 [1] each: the row and the one after it, along the axis of new rows. */
  readonly start: string;
  readonly end: string;
  /** int64 [1, 1] */
  readonly position: string;
  /** [layers], int32 [1] each. */
  readonly seqlensK: readonly string[];
  /** [layers], int32 [1] each. */
  readonly totalSequenceLength: readonly string[];
}

/**
 * Makes rows 0 to `count` - 1 of a forward of one sequence. If the forward has fewer, its last row
 * stands in for the others: the same keys and values are written again.
 * @param newRows int64 [1], S
 * @param seqlensK int32 [layers]
 */
export function addStepwiseRows(
  builder: GraphBuilder,
  count: number,
  { newRows, seqlensK }: { readonly newRows: string; readonly seqlensK: string },
  layers: number,
  opset: number,
): StepwiseRow[] {
  const one = builder.int64([1]);
  const last = builder.add('last_row', 'Sub', [newRows, one]);
  return Array.from({ length: count }, (_, row) => {
    const start = builder.add(`row.${row}/start`, 'Min', [builder.int64([row]), last]);
    const end = builder.add(`row.${row}/end`, 'Add', [start, one]);
    const after = builder.add(
      `row.${row}/after`,
      'Cast',
      [builder.add(`row.${row}/after_int64`, 'Sub', [last, start])],
      { to: TensorProto_DataType.INT32 },
    );
    const less = (name: string, tensor: string) => {
      const rows = builder.add(`row.${row}/${name}/all`, 'Sub', [tensor, after]);
      return builder.split(`row.${row}/${name}`, rows, layers, opset);
    };
    return {
      start,
      end,
      position: builder.add(`row.${row}/position`, 'Slice', [port.POSITION_IDS, start, end, one]),
      seqlensK: less('seqlens_k', seqlensK),
      totalSequenceLength: less('total_sequence_length', port.TOTAL_SEQUENCE_LENGTH),
    };
  });
}
