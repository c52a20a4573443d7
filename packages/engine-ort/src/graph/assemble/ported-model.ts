import { create, toBinary } from '@bufbuild/protobuf';
import { InvalidOptionsError } from '@pliant/core';
import { evidence } from '@pliant/core/engine';
import { UnsupportedModelError } from '../errors.js';
import { addEvidence } from '../evidence/index.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { GraphProtoSchema, type ModelProto, ModelProtoSchema } from '../onnx/onnx_pb.js';
import { prune } from '../onnx/prune-graph.js';
import { LOGITS } from '../ports/port-names.js';
import type { Ports } from '../ports/port-options.js';
import type { PortedGraph } from '../ports/ported-graph.js';
import { addSharedTensors } from '../ports/shared-tensors.js';
import type { LayerStructure } from '../read/layer-structure.js';
import type { ModelGraph } from '../read/model-graph.js';
import { headNodes } from './head-nodes.js';
import { gatedNodes, plainNodes } from './layer-nodes.js';
import { leaveOut } from './layers-left-out.js';
import { moveLeavesLast } from './move-leaves-last.js';
import { portInputs, portOutputs } from './port-values.js';

/** `portedModel`, serialised. */
export function addPorts(model: ModelGraph, ports: Ports): Uint8Array {
  return toBinary(ModelProtoSchema, portedModel(model, ports));
}

/**
 * Returns the model with ports (names in port-names.ts and the files of evidence). The mask is
 * removed: rows are addressed by cache lengths and positions. `model` is not changed, and weights
 * are neither read nor written.
 * @throws UnsupportedModelError if the graph cannot serve a port, with the reason
 */
export function portedModel(model: ModelGraph, ports: Ports): ModelProto {
  checkPorts(model, ports);
  const layers = ports.layers ?? model.shape.layers;
  const leftOut = ports.leftOut ?? [];
  const builder = new GraphBuilder('pliant');
  const shared = addSharedTensors(builder, model, ports, layers);
  const graph: PortedGraph = { builder, model, ports, shared, layers };
  const kinds = addEvidence(graph);
  const outputs = portOutputs(graph, kinds);
  const body = ports.gates ? gatedNodes(graph, kinds) : plainNodes(graph, kinds);
  const head = headNodes(graph, body);
  // The last kind comes first: a run that wants block influences and hidden means then compares the
  // states as it goes (move-leaves-last.ts).
  const after = kinds.toReversed().flatMap((kind) => kind.afterLayers?.() ?? []);
  const nodes = [...builder.nodes, ...head, ...after];
  const kept = prune(
    leftOut.length > 0
      ? leaveOut(nodes, model.structure as LayerStructure, leftOut, shared.scales)
      : nodes,
    outputs.map(({ name }) => name),
  );
  const ported = outputs.map(({ name }) => name).filter((name) => name !== LOGITS);
  const proto = create(GraphProtoSchema, {
    name: model.graph.name,
    node: [...moveLeavesLast(kept.nodes, [LOGITS], ported)],
    initializer: [...model.graph.initializer, ...builder.constants.values()].filter(({ name }) =>
      kept.reads.has(name),
    ),
    sparseInitializer: model.graph.sparseInitializer,
    quantizationAnnotation: model.graph.quantizationAnnotation,
    input: portInputs(graph),
    output: outputs,
  });
  const { irVersion, opsetImport, producerName, producerVersion, functions } = model.model;
  return create(ModelProtoSchema, {
    irVersion,
    opsetImport,
    producerName,
    producerVersion,
    functions,
    graph: proto,
  });
}

function checkPorts({ shape, structure, missing }: ModelGraph, ports: Ports): void {
  const { layers, leftOut = [], stepwise = 0 } = ports;
  if (layers !== undefined && !(Number.isInteger(layers) && layers >= 1 && layers <= shape.layers))
    throw new InvalidOptionsError('addPorts', [
      { path: 'layers', message: `must be 1 to ${shape.layers}, is ${layers}` },
    ]);
  const cut = layers !== undefined && layers < shape.layers;
  const refuse = (message: string) =>
    new InvalidOptionsError('addPorts', [{ path: 'leftOut', message }]);
  const wrong = leftOut.find((layer) => !(layer >= 1 && layer < (layers ?? shape.layers)));
  if (wrong !== undefined)
    throw refuse(
      `layer ${wrong} cannot be left out; choose from 1 to ${(layers ?? shape.layers) - 1}`,
    );
  if (leftOut.length > 0 && ports.gates)
    throw refuse('a graph has gates or lacks layers, not both');
  if (stepwise > 0 && (ports.gates || ports.cache !== 'in-place'))
    throw new InvalidOptionsError('addPorts', [
      { path: 'stepwise', message: 'needs an in-place cache and no gates' },
    ]);
  if ((ports.gates || cut || leftOut.length > 0) && 'reason' in structure)
    throw new UnsupportedModelError(missing['layers.skip'] ?? structure.reason);
  for (const name of ports.evidence ?? []) {
    const reason = missing[evidence[name].capability];
    if (reason !== undefined) throw new UnsupportedModelError(reason);
  }
}
