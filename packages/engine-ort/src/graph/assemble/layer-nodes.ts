import type { EvidenceNodes, LayerOutput } from '../evidence/evidence-port.js';
import { makeNode } from '../onnx/node-builder.js';
import type { NodeProto } from '../onnx/onnx_pb.js';
import type { PortedGraph } from '../ports/ported-graph.js';
import type { LayerStructure } from '../read/layer-structure.js';
import { gateLayer } from './gated-layer.js';
import { attentionWithPorts } from './layer-ports.js';
import { kvType } from './port-values.js';

/** Nodes of a model whose layers all run. */
export function plainNodes(graph: PortedGraph, evidence: readonly EvidenceNodes[]): NodeProto[] {
  const { model, layers } = graph;
  const layerOf = new Map(model.attentions.slice(0, layers).map(({ node }, at) => [node, at]));
  return model.index.nodes.flatMap((node) => {
    const layer = layerOf.get(node);
    return layer === undefined ? [node] : attentionWithPorts(graph, evidence, layer).nodes;
  });
}

/** Nodes with each layer but the first in an `If`, at the place of the layer's last node. */
export function gatedNodes(graph: PortedGraph, evidence: readonly EvidenceNodes[]): NodeProto[] {
  const { builder, model, shared, layers } = graph;
  const { bodies, boundaries } = model.structure as LayerStructure;
  const layerOf = new Map<number, number>();
  for (let layer = 1; layer < layers; layer++)
    for (const at of bodies[layer]) layerOf.set(at, layer);
  const inside: NodeProto[][] = Array.from({ length: layers }, () => []);
  const portOutputs: (readonly LayerOutput[])[] = [];
  const attentionOf = new Map(model.attentions.slice(0, layers).map(({ node }, at) => [node, at]));
  const outside: NodeProto[] = [];
  for (const [at, node] of model.index.nodes.entries()) {
    const attention = attentionOf.get(node);
    const layer = layerOf.get(at);
    const target = layer === undefined ? outside : inside[layer];
    if (attention === undefined) target.push(node);
    else {
      const { nodes, outputs } = attentionWithPorts(graph, evidence, attention);
      target.push(...nodes);
      portOutputs[attention] = outputs;
    }
    if (layer === undefined || at !== bodies[layer].at(-1)) continue;
    const state = boundaries[layer].state;
    outside.push(
      gateLayer({
        name: builder.name(`layer.${layer}`),
        gate: shared.gates![layer],
        nodes: inside[layer],
        outputs: [
          ...boundaries[layer + 1].state.map((name, place) => ({
            name,
            type: kvType(model),
            skipped: (output: string) =>
              makeNode('Mul', [state[place], shared.scales![layer]], [output]),
          })),
          ...portOutputs[layer],
        ],
      }),
    );
  }
  return outside;
}
