import type { NodeProto } from './onnx_pb.js';

/**
 * Nodes in an order in which the runtime frees what ports read as early as it can. It runs depth first from the nodes that nobody reads, the
 * last one in the file first; left where they stand, all ports would run after the last layer, and what they read of every layer
 * would be held until then (130 MB for the queries of the embedded model at 512 tokens a forward). So they come last, the first layer's
 * at the very end.
 * @param nodes in topological order
 * @param outputs the graph's, but for those that run last
 */
export function leavesLast(
  nodes: readonly NodeProto[],
  outputs: ReadonlySet<string>,
): readonly NodeProto[] {
  const isLeaf = ({ output }: NodeProto) => output.every((name) => outputs.has(name));
  return [...nodes.filter((node) => !isLeaf(node)), ...nodes.filter(isLeaf).reverse()];
}
