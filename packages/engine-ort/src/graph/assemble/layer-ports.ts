import type { GraphBuilder } from '../onnx/graph-builder.js';
import { copyNode, makeNode } from '../onnx/node-builder.js';
import { type NodeProto, TensorProto_DataType } from '../onnx/onnx_pb.js';
import * as port from '../ports/port-names.js';
import type { Ports } from '../ports/port-options.js';
import type { SharedTensors } from '../ports/shared-tensors.js';
import { stepwiseAttention } from '../ports/stepwise-attention.js';
import { GQA_INPUT } from '../read/attention.js';
import type { ModelGraph } from '../read/model-graph.js';

/** Mean of one layer, float [B, hidden]; all of them are stacked into the output. */
export function layerMean(layer: number): string {
  return `${port.HIDDEN_MEANS}.${layer}`;
}

/** Outputs of a layer's ports, beside the state that it passes on. */
export function layerOutputs(ports: Ports, layer: number): string[] {
  return [
    port.presentKey(layer),
    port.presentValue(layer),
    ...(ports.queries ? [port.queryRows(layer)] : []),
    ...(ports.hiddenMeans ? [layerMean(layer)] : []),
  ];
}

/** The attention operator of a layer on the ports' inputs, and the nodes that make the outputs of its ports. */
export function attentionWithPorts(
  builder: GraphBuilder,
  model: ModelGraph,
  ports: Ports,
  shared: SharedTensors,
  layer: number,
): NodeProto[] {
  const { node, rotary } = model.attentions[layer];
  const input = [...node.input];
  while (input.length <= GQA_INPUT.positionIds) input.push('');
  input[GQA_INPUT.pastKey] = port.pastKey(layer);
  input[GQA_INPUT.pastValue] = port.pastValue(layer);
  input[GQA_INPUT.seqlensK] = shared.seqlensK[layer];
  input[GQA_INPUT.totalSequenceLength] = shared.totalSequenceLength[layer];
  if (rotary) input[GQA_INPUT.positionIds] = port.POSITION_IDS;

  const present = [port.presentKey(layer), port.presentValue(layer)];
  const written = shared.writtenRows?.[layer];
  const whole = written ? present.map((name) => builder.name(`${name}/whole`)) : present;
  const nodes = shared.stepwiseRows
    ? stepwiseAttention(builder, model.attentions[layer], input, shared, layer)
    : [copyNode(node, { input, output: [node.output[0], ...whole] })];
  if (written)
    for (const [at, name] of present.entries())
      nodes.push(makeNode('GatherND', [whole[at], written], [name], { batch_dims: 2 }));

  if (shared.querySlice) {
    const name = port.queryRows(layer);
    const rows = model.kvElementType === 'float' ? name : builder.name(`${name}/rows`);
    const { starts, ends } = shared.querySlice;
    nodes.push(
      makeNode('Slice', [node.input[GQA_INPUT.query], starts, ends, builder.int64([1, 2])], [rows]),
    );
    if (rows !== name) nodes.push(castToFloat(rows, name));
  }
  if (ports.hiddenMeans) {
    const { normalised } = model.boundaries[layer]!;
    const tensor =
      model.kvElementType === 'float' ? normalised : builder.name(`${normalised}/float`);
    if (tensor !== normalised) nodes.push(castToFloat(normalised, tensor));
    nodes.push(
      model.opset >= 18
        ? makeNode('ReduceMean', [tensor, builder.int64([1])], [layerMean(layer)], { keepdims: 0 })
        : makeNode('ReduceMean', [tensor], [layerMean(layer)], { keepdims: 0, axes: [1] }),
    );
  }
  return nodes;
}

function castToFloat(from: string, to: string): NodeProto {
  return makeNode('Cast', [from], [to], { to: TensorProto_DataType.FLOAT });
}

/** What a layer's ports return when it is skipped, by output name: nodes that make `outputs` of the same order as `layerOutputs`. */
export function skippedOutputs(
  builder: GraphBuilder,
  ports: Ports,
  shared: SharedTensors,
  layer: number,
  outputs: readonly string[],
): NodeProto[] {
  const [key, value, ...rest] = outputs;
  const zero = builder.int64([0]);
  const past = (name: string, output: string): NodeProto =>
    ports.cache === 'in-place'
      ? makeNode('Identity', [name], [output])
      : makeNode('Slice', [name, zero, zero, builder.int64([2])], [output]);
  const others = [shared.noQueries, shared.zeroMeans].filter((name) => name !== undefined);
  return [
    past(port.pastKey(layer), key),
    past(port.pastValue(layer), value),
    ...rest.map((output, at) => makeNode('Identity', [others[at]], [output])),
  ];
}
