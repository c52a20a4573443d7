import type { NodeProto } from '../onnx/onnx_pb.js';
import { prune } from '../onnx/prune-graph.js';

/**
 * Orders nodes so that the runtime frees as early as it can what ports read. The runtime runs depth
 * first from the nodes that nobody reads, the last one in the file first; of the nodes that a node
 * reads it also follows the last one in the file first. In their original places all ports would
 * run after the last layer, and what they read of every layer would be held until then (130 MB for
 * the queries of the embedded model at 512 tokens a forward). So they come last, the first layer's
 * at the very end: first nodes that others read, by their distance from the model's own nodes, then
 * nodes that nobody reads.
 * @param nodes in topological order
 * @param main outputs that the model makes, beside what its ports read
 * @param ports the other outputs
 */
export function moveLeavesLast(
  nodes: readonly NodeProto[],
  main: readonly string[],
  ports: readonly string[],
): readonly NodeProto[] {
  const own = new Set(prune(nodes, main).nodes);
  const outputs = new Set(ports);
  const distances = new Map<string, number>();
  const layered: NodeProto[][] = [];
  const leaves: NodeProto[] = [];
  for (const node of nodes) {
    if (own.has(node)) continue;
    if (node.output.every((name) => outputs.has(name))) leaves.push(node);
    else {
      const distance = Math.max(0, ...node.input.map((name) => distances.get(name) ?? 0));
      for (const name of node.output) distances.set(name, distance + 1);
      layered[distance] ??= [];
      layered[distance].push(node);
    }
  }
  return [...own, ...layered.flatMap((same) => same.reverse()), ...leaves.reverse()];
}
