import type { LayerStructure } from './layer-structure.js';
import { copyNode } from './node-builder.js';
import type { NodeProto } from './onnx_pb.js';

/**
 * The nodes with the state before each left-out layer in the place of the state after it. Nothing reads what such a layer makes then, so
 * that pruning removes it.
 * @param layers not 0, whose state has another form than the others'
 */
export function leaveOut(
  nodes: readonly NodeProto[],
  { boundaries }: LayerStructure,
  layers: readonly number[],
): readonly NodeProto[] {
  const stands = new Map<string, string>();
  for (const layer of [...layers].sort((a, b) => a - b))
    boundaries[layer + 1].state.forEach((name, place) => {
      const before = boundaries[layer].state[place];
      stands.set(name, stands.get(before) ?? before);
    });
  return nodes.map((node) =>
    node.input.some((name) => stands.has(name))
      ? copyNode(node, { input: node.input.map((name) => stands.get(name) ?? name) })
      : node,
  );
}
