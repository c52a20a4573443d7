import { UnsupportedModelError } from '../errors.js';
import type { GraphProto, NodeProto } from '../onnx/onnx_pb.js';
import type { WayOut } from './way-out.js';

/** Makes the error for a graph without any operator of grouped-query attention. */
export function otherAttention(graph: GraphProto, wayOut: WayOut): UnsupportedModelError {
  const nodes = [...allNodes(graph)];
  const operators = [...new Set(nodes.map(({ opType }) => opType))].filter((name) =>
    /attention|softmax/i.test(name),
  );
  const own = operators.filter((name) => name !== 'Softmax');
  const found =
    own.length > 0
      ? `Its attention is ${own.join(', ')}`
      : operators.length > 0
        ? 'Its attention is put together from MatMul and Softmax'
        : 'It has no attention that is known';
  const merged = graph.node.some(
    ({ opType, attribute }) => opType === 'If' && attribute.length > 0,
  );
  const inside =
    merged && graph.input.some(({ name }) => name === 'use_cache_branch')
      ? ', in the two branches of an If (a merged export, with and without a cache)'
      : '';
  return new UnsupportedModelError(
    `${found}${inside}; the engine edits the operator com.microsoft:GroupQueryAttention. ${wayOut.all}`,
  );
}

/** All nodes, including those of subgraphs. */
function* allNodes(graph: GraphProto): Generator<NodeProto> {
  for (const node of graph.node) {
    yield node;
    for (const { g, graphs } of node.attribute)
      for (const inner of g ? [g, ...graphs] : graphs) yield* allNodes(inner);
  }
}
