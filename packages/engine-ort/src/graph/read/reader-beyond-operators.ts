import { type GraphIndex, nodeReads } from '../onnx/graph-index.js';
import { copyNode } from '../onnx/node-builder.js';
import type { NodeProto } from '../onnx/onnx_pb.js';
import { prune } from '../onnx/prune-graph.js';
import type { Attention } from './attention.js';

/**
 * Finds a node that the logits need and that reads a graph input, apart from the attention
 * operators' inputs at `places`.
 */
export function readerBeyondOperators(
  index: GraphIndex,
  attentions: readonly Attention[],
  logits: string,
  input: string,
  places: readonly number[],
): NodeProto | undefined {
  const operators = new Set(attentions.map(({ node }) => node));
  const nodes = index.nodes.map((node) =>
    operators.has(node)
      ? copyNode(node, { input: node.input.filter((_, at) => !places.includes(at)) })
      : node,
  );
  return prune(nodes, [logits]).nodes.find((node) => nodeReads(node).includes(input));
}
