import type { GraphBuilder } from '../onnx/graph-builder.js';
import { copyNode, makeNode } from '../onnx/node-builder.js';
import type { NodeProto } from '../onnx/onnx_pb.js';
import { type Attention, GQA_INPUT } from '../read/attention.js';
import * as port from './port-names.js';
import type { SharedTensors } from './shared-tensors.js';
import type { StepwiseRow } from './stepwise-rows.js';

/**
 * Runs the attention operator of a layer once for each new row, one after another, over the same
 * cache. The operator's kernels round differently for one row than for several, and a difference in
 * the last bit can decide a near tie later.
 * @param input inputs of the operator, on the ports' inputs; each row replaces its share of them
 */
export function stepwiseAttention(
  builder: GraphBuilder,
  { node, packed, rotary }: Attention,
  input: readonly string[],
  { newRows, stepwiseRows = [] }: SharedTensors,
  layer: number,
): NodeProto[] {
  const [output] = node.output;
  const axis = builder.int64([1]);
  const tensors = packed ? [GQA_INPUT.query] : [GQA_INPUT.query, GQA_INPUT.key, GQA_INPUT.value];
  const outputs = stepwiseRows.map((_, row) => builder.name(`${output}/row.${row}`));
  const attend = (shared: StepwiseRow, row: number): NodeProto[] => {
    const own = [...input];
    const slices = tensors.map((at) => {
      own[at] = builder.name(`${input[at]}/${layer}/row.${row}`);
      return makeNode('Slice', [input[at], shared.start, shared.end, axis], [own[at]]);
    });
    if (row > 0) {
      own[GQA_INPUT.pastKey] = port.presentKeyRow(layer, row - 1);
      own[GQA_INPUT.pastValue] = port.presentValueRow(layer, row - 1);
    }
    own[GQA_INPUT.seqlensK] = shared.seqlensK[layer];
    own[GQA_INPUT.totalSequenceLength] = shared.totalSequenceLength[layer];
    if (rotary) own[GQA_INPUT.positionIds] = shared.position;
    const isLast = row === stepwiseRows.length - 1;
    const present = isLast
      ? [port.presentKey(layer), port.presentValue(layer)]
      : [port.presentKeyRow(layer, row), port.presentValueRow(layer, row)];
    const attention = copyNode(node, { input: own, output: [outputs[row], ...present] });
    attention.name = `${node.name}/row.${row}`;
    return [...slices, attention];
  };
  const joined = builder.name(`${output}/rows`);
  return [
    ...stepwiseRows.flatMap(attend),
    makeNode('Concat', outputs, [joined], { axis: 1 }),
    makeNode('Slice', [joined, builder.int64([0]), newRows, axis], [output]),
  ];
}
