import { type AttributeProto, AttributeProto_AttributeType, type NodeProto } from './onnx_pb.js';

function attribute(
  node: NodeProto,
  name: string,
  type: AttributeProto_AttributeType,
): AttributeProto | undefined {
  return node.attribute.find((entry) => entry.name === name && entry.type === type);
}

/** An integer attribute, or `fallback` if it is absent or beyond the safe integers. */
export function intAttribute(node: NodeProto, name: string, fallback: number): number {
  const entry = attribute(node, name, AttributeProto_AttributeType.INT);
  const value = entry ? Number(entry.i) : fallback;
  return Number.isSafeInteger(value) ? value : fallback;
}

export function floatAttribute(node: NodeProto, name: string, fallback: number): number {
  return attribute(node, name, AttributeProto_AttributeType.FLOAT)?.f ?? fallback;
}
