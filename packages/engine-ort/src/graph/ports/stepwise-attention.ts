import type { GraphBuilder } from '../onnx/graph-builder.js';
import { copyNode, makeNode } from '../onnx/node-builder.js';
import type { NodeProto } from '../onnx/onnx_pb.js';
import { type Attention, GQA_INPUT } from '../read/attention.js';
import * as port from './port-names.js';
import type { SharedTensors } from './shared-tensors.js';
import type { StepwiseRow } from './stepwise-rows.js';

/**
 * The attention operator of a layer once for each new row, each after the one before, over the same cache: the operator's kernels round
 * otherwise for one row than for several, and what differs in the last bit there decides between near ties further on.
 * @param input of the operator, on the ports' inputs; rows replace their share of it
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
