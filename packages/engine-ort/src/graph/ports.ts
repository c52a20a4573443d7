import { create, toBinary } from '@bufbuild/protobuf';
import { InvalidOptionsError } from '@pliant/core';
import { UnsupportedModelError } from './errors.js';
import { gateLayer } from './gated-layer.js';
import { GraphBuilder } from './graph-builder.js';
import { attentionWithPorts, layerMean, layerOutputs, skippedOutputs } from './layer-ports.js';
import type { LayerStructure } from './layer-structure.js';
import type { ModelGraph } from './model-graph.js';
import { copyNode, makeNode } from './node-builder.js';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  TensorProto_DataType,
} from './onnx_pb.js';
import * as port from './port-names.js';
import { kvType, portInputs, portOutputs } from './port-values.js';
import { prune } from './prune-graph.js';
import { addSharedTensors, type SharedTensors } from './shared-tensors.js';
import { elementTypeOf } from './tensor-shapes.js';

/** What the graph offers beyond positions, cache lengths and logit rows, which are always there. */
export interface Ports {
  /** `in-place`: the caller passes one buffer as past and as present. `new-rows`: the graph returns only the rows it wrote. */
  readonly cache: 'in-place' | 'new-rows';
  /** Layers but the first can be switched off by LAYER_GATES. */
  readonly gates: boolean;
  /** The last QUERY_ROWS rows of each layer's queries are outputs. */
  readonly queries: boolean;
  /** HIDDEN_MEANS is an output. */
  readonly hiddenMeans: boolean;
  /** Only the first n layers, then final norm and LM head. Default all. */
  readonly layers?: number;
}

/**
 * The model with ports (names in port-names.ts), serialised. The mask goes: rows are addressed by cache lengths and positions.
 * `model` is not changed, weights are neither read nor written.
 * @throws UnsupportedModelError where the graph cannot serve a port, with the reason
 */
export function addPorts(model: ModelGraph, ports: Ports): Uint8Array {
  checkPorts(model, ports);
  const layers = ports.layers ?? model.shape.layers;
  const builder = new GraphBuilder('pliant');
  const shared = addSharedTensors(builder, model, ports, layers);
  const outputs = portOutputs(model, ports, layers);
  const body = ports.gates
    ? gatedNodes(builder, model, ports, shared, layers)
    : plainNodes(builder, model, ports, shared, layers);
  const kept = prune(
    [
      ...builder.nodes,
      ...headNodes(builder, model, shared, body, layers),
      ...(ports.hiddenMeans ? stackMeans(builder, layers, model.shape.hidden) : []),
    ],
    outputs.map(({ name }) => name),
  );
  const graph = create(GraphProtoSchema, {
    name: model.graph.name,
    node: kept.nodes,
    initializer: [...model.graph.initializer, ...builder.constants.values()].filter(({ name }) =>
      kept.reads.has(name),
    ),
    sparseInitializer: model.graph.sparseInitializer,
    quantizationAnnotation: model.graph.quantizationAnnotation,
    input: portInputs(model, ports, layers),
    output: outputs,
  });
  const { irVersion, opsetImport, producerName, producerVersion, functions } = model.model;
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion,
      opsetImport,
      producerName,
      producerVersion,
      functions,
      graph,
    }),
  );
}

/** Every layer runs. */
function plainNodes(
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
function gatedNodes(
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
          ...state.map((name, place) => makeNode('Identity', [name], [names[place]])),
          ...skippedOutputs(builder, ports, shared, layer, names.slice(next.length)),
        ],
      }),
    );
  }
  return outside;
}

/** Final norm and LM head: on the state after `layers`, logits of the last rows alone, in float. */
function headNodes(
  builder: GraphBuilder,
  model: ModelGraph,
  shared: SharedTensors,
  nodes: readonly NodeProto[],
  layers: number,
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

function stackMeans(builder: GraphBuilder, layers: number, hidden: number): NodeProto[] {
  const means = Array.from({ length: layers }, (_, layer) => layerMean(layer));
  const joined = builder.name('hidden_means/joined');
  return [
    makeNode('Concat', means, [joined], { axis: 0 }),
    makeNode('Reshape', [joined, builder.int64([layers, -1, hidden])], [port.HIDDEN_MEANS]),
  ];
}

function checkPorts({ shape, structure, missing }: ModelGraph, ports: Ports): void {
  const { layers } = ports;
  if (layers !== undefined && !(Number.isInteger(layers) && layers >= 1 && layers <= shape.layers))
    throw new InvalidOptionsError('addPorts', [
      { path: 'layers', message: `must be 1 to ${shape.layers}, is ${layers}` },
    ]);
  const cut = layers !== undefined && layers < shape.layers;
  if ((ports.gates || cut) && 'reason' in structure)
    throw new UnsupportedModelError(missing['layers.skip'] ?? structure.reason);
  if (ports.hiddenMeans && missing['hidden.means'])
    throw new UnsupportedModelError(missing['hidden.means']);
}
