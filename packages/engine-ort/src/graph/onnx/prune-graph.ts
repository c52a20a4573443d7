import { nodeReads } from './graph-index.js';
import type { NodeProto } from './onnx_pb.js';

/** The nodes that `outputs` need, in their order, and every name that these read. */
export function prune(
  nodes: readonly NodeProto[],
  outputs: Iterable<string>,
): { nodes: NodeProto[]; reads: Set<string> } {
  const reads = new Set(outputs);
  const kept: NodeProto[] = [];
  // In topological order, so one pass from the end sees every reader before what it reads.
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at];
    if (!node.output.some((name) => reads.has(name))) continue;
    kept.push(node);
    for (const name of nodeReads(node)) reads.add(name);
  }
  return { nodes: kept.reverse(), reads };
}
