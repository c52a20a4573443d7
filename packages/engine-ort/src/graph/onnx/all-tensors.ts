import type { AttributeProto, GraphProto, TensorProto } from './onnx_pb.js';

/** Yields initializers and constants, including those of subgraphs. */
export function* allTensors(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  for (const node of graph.node)
    for (const attribute of node.attribute) yield* inAttribute(attribute);
}

function* inAttribute(attribute: AttributeProto): Generator<TensorProto> {
  if (attribute.t) yield attribute.t;
  yield* attribute.tensors;
  if (attribute.g) yield* allTensors(attribute.g);
  for (const graph of attribute.graphs) yield* allTensors(graph);
}
