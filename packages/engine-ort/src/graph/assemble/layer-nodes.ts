import type { GraphBuilder } from '../onnx/graph-builder.js';
import { makeNode } from '../onnx/node-builder.js';
import { type NodeProto, TensorProto_DataType } from '../onnx/onnx_pb.js';
import type { Ports } from '../ports/port-options.js';
import type { SharedTensors } from '../ports/shared-tensors.js';
import type { LayerStructure } from '../read/layer-structure.js';
import type { ModelGraph } from '../read/model-graph.js';
import { gateLayer } from './gated-layer.js';
import { attentionWithPorts, layerOutputs, skippedOutputs } from './layer-ports.js';
import { kvType } from './port-values.js';

/** Every layer runs. */
export function plainNodes(
  builder: GraphBuilder,
  model: ModelGraph,
  ports: Ports,
  shared: SharedTensors,
  layers: number,
): NodeProto[] {
  const layerOf = new Map(model.attentions.slice(0, layers).map(({ node }, at) => [node, at]));
  return model.index.nodes.flatMap((node) => {
    const layer = layerOf.get(node);
    return layer === undefined ? [node] : attentionWithPorts(builder, model, ports, shared, layer);
  });
}

/** Each layer but the first in an `If`, at the place of its last node. */
export function gatedNodes(
  builder: GraphBuilder,
  model: ModelGraph,
  ports: Ports,
  shared: SharedTensors,
  layers: number,
): NodeProto[] {
  const { bodies, boundaries } = model.structure as LayerStructure;
  const layerOf = new Map<number, number>();
  for (let layer = 1; layer < layers; layer++)
    for (const at of bodies[layer]) layerOf.set(at, layer);
  const inside: NodeProto[][] = Array.from({ length: layers }, () => []);
  const attentionOf = new Map(model.attentions.slice(0, layers).map(({ node }, at) => [node, at]));
  const outside: NodeProto[] = [];
  for (const [at, node] of model.index.nodes.entries()) {
    const attention = attentionOf.get(node);
    const edited =
      attention === undefined
        ? [node]
        : attentionWithPorts(builder, model, ports, shared, attention);
    const layer = layerOf.get(at);
    (layer === undefined ? outside : inside[layer]).push(...edited);
    if (layer === undefined || at !== bodies[layer].at(-1)) continue;
    const state = boundaries[layer].state;
    const next = boundaries[layer + 1].state;
    const present = layerOutputs(ports, layer);
    const type = kvType(model);
    outside.push(
      gateLayer({
        name: builder.name(`layer.${layer}`),
        gate: shared.gates![layer],
        nodes: inside[layer],
        outputs: [
          ...next.map((name) => ({ name, type })),
          ...present.map((name, place) => ({
            name,
            type: place < 2 ? type : TensorProto_DataType.FLOAT,
          })),
        ],
        skipped: (names) => [
          ...state.map((name, place) =>
            makeNode('Mul', [name, shared.scales![layer]], [names[place]]),
          ),
          ...skippedOutputs(builder, ports, shared, layer, names.slice(next.length)),
        ],
      }),
    );
  }
  return outside;
}
