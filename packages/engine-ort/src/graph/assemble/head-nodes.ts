import { copyNode, makeNode } from '../onnx/node-builder.js';
import { type NodeProto, TensorProto_DataType } from '../onnx/onnx_pb.js';
import { elementTypeOf } from '../onnx/tensor-shapes.js';
import * as port from '../ports/port-names.js';
import type { PortedGraph } from '../ports/ported-graph.js';

/** Final norm and LM head: on the state after `layers`, logits of the last rows alone, in float. */
export function headNodes(
  { builder, model, shared, layers }: PortedGraph,
  nodes: readonly NodeProto[],
): NodeProto[] {
  const { index, boundaries, names, graph } = model;
  const final = boundaries.at(-1);
  const rename = new Map<string, string>();
  const cut = layers < model.shape.layers;
  const lastRows = (tensor: string, output: string): NodeProto[] => {
    const start = builder.name(`${output}/start`);
    return [
      makeNode('Sub', [shared.newRows, port.LOGIT_ROWS], [start]),
      makeNode('Slice', [tensor, start, shared.newRows, builder.int64([1])], [output]),
    ];
  };
  const logitsType = elementTypeOf(graph.output.find(({ name }) => name === names.logits)!);
  const head: NodeProto[] = [];
  const toCast = logitsType === TensorProto_DataType.FLOAT16;
  const own = final && !toCast ? port.LOGITS : builder.name('logits');
  const last = builder.name('last_rows');
  for (const node of nodes) {
    if (final && node === index.nodes[final.norm]) {
      const { state } = boundaries[layers]!;
      const rest = node.input.slice(state.length);
      head.push(cut ? copyNode(node, { input: [...state, ...rest] }) : node);
      head.push(...lastRows(final.normalised, last));
      rename.set(final.normalised, last);
      continue;
    }
    const makesLogits = node.output.includes(names.logits);
    if (!makesLogits && !node.input.some((name) => rename.has(name))) head.push(node);
    else
      head.push(
        copyNode(node, {
          input: node.input.map((name) => rename.get(name) ?? name),
          output: node.output.map((name) => (name === names.logits ? own : name)),
        }),
      );
  }
  const sliced = final ? own : toCast ? builder.name('logits/last_rows') : port.LOGITS;
  if (!final) head.push(...lastRows(own, sliced));
  if (toCast)
    head.push(makeNode('Cast', [sliced], [port.LOGITS], { to: TensorProto_DataType.FLOAT }));
  return head;
}
