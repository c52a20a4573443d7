import { copyNode, makeNode } from '../onnx/node-builder.js';
import type { NodeProto } from '../onnx/onnx_pb.js';
import type { LayerStructure } from '../read/layer-structure.js';

/**
 * Replaces the state after each left-out layer by the state before it, scaled if there are scales.
 * Nothing then reads what such a layer makes, so pruning removes it.
 * @param layers not 0, whose state has another form than the others'
 * @param scales [layers], names of the factors
 */
export function leaveOut(
  nodes: readonly NodeProto[],
  { boundaries }: LayerStructure,
  layers: readonly number[],
  scales?: readonly string[],
): readonly NodeProto[] {
  const stands = new Map<string, string>();
  const products = new Map<string, NodeProto>();
  for (const layer of [...layers].sort((a, b) => a - b))
    boundaries[layer + 1].state.forEach((name, place) => {
      const before = boundaries[layer].state[place];
      const state = stands.get(before) ?? before;
      if (scales) products.set(name, makeNode('Mul', [state, scales[layer]], [`${name}/scaled`]));
      stands.set(name, scales ? `${name}/scaled` : state);
    });
  return nodes.flatMap((node) => {
    const own = node.input.some((name) => stands.has(name))
      ? copyNode(node, { input: node.input.map((name) => stands.get(name) ?? name) })
      : node;
    // At the place where the state after the layer was made, the one before it exists.
    return [own, ...node.output.flatMap((name) => products.get(name) ?? [])];
  });
}
