import type { EvidenceNodes, LayerOutput } from '../evidence/evidence-port.js';
import { copyNode, makeNode } from '../onnx/node-builder.js';
import type { NodeProto } from '../onnx/onnx_pb.js';
import * as port from '../ports/port-names.js';
import type { PortedGraph } from '../ports/ported-graph.js';
import { stepwiseAttention } from '../ports/stepwise-attention.js';
import { GQA_INPUT } from '../read/attention.js';
import { kvType } from './port-values.js';

/** A layer's attention with its ports. */
export interface PortedLayer {
  readonly nodes: readonly NodeProto[];
  /** Tensors that the nodes make, beside the state that the layer passes on. */
  readonly outputs: readonly LayerOutput[];
}

/**
 * Puts the attention operator of a layer on the ports' inputs, and adds the nodes for its ports.
 */
export function attentionWithPorts(
  graph: PortedGraph,
  evidence: readonly EvidenceNodes[],
  layer: number,
): PortedLayer {
  const own = evidence.flatMap((kind) => kind.inLayer?.(layer) ?? []);
  return {
    nodes: [...attentionNodes(graph, layer), ...own.flatMap(({ nodes }) => nodes)],
    outputs: [...cacheOutputs(graph, layer), ...own.flatMap(({ outputs }) => outputs)],
  };
}

function attentionNodes(graph: PortedGraph, layer: number): NodeProto[] {
  const { builder, model, shared } = graph;
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
  return nodes;
}

function cacheOutputs({ builder, model, ports }: PortedGraph, layer: number): LayerOutput[] {
  const type = kvType(model);
  const zero = builder.int64([0]);
  const names = [
    [port.presentKey(layer), port.pastKey(layer)],
    [port.presentValue(layer), port.pastValue(layer)],
  ];
  return names.map(([name, past]) => ({
    name,
    type,
    skipped: (output) =>
      ports.cache === 'in-place'
        ? makeNode('Identity', [past], [output])
        : makeNode('Slice', [past, zero, zero, builder.int64([2])], [output]),
  }));
}
