import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type TensorShapeProto_Dimension,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './onnx_pb.js';

/** A number is an integer. */
export type AttributeValue =
  | number
  | number[]
  | GraphProto
  | TensorProto
  | { readonly float: number };

/** A node named after its first output. */
export function makeNode(
  operator: string,
  input: readonly string[],
  output: readonly string[],
  attributes: { readonly [name: string]: AttributeValue } = {},
): NodeProto {
  const [domain, opType] = operator.includes(':') ? operator.split(':') : ['', operator];
  return create(NodeProtoSchema, {
    name: `${output[0]}/${opType}`,
    opType,
    domain,
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([name, value]) => makeAttribute(name, value)),
  });
}

/** The same operator on other tensors. */
export function copyNode(
  node: NodeProto,
  changes: { readonly input?: readonly string[]; readonly output?: readonly string[] },
): NodeProto {
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    overload: node.overload,
    attribute: node.attribute,
    input: [...(changes.input ?? node.input)],
    output: [...(changes.output ?? node.output)],
  });
}

function makeAttribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number')
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.INT,
      i: BigInt(value),
    });
  if (Array.isArray(value))
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.INTS,
      ints: value.map(BigInt),
    });
  if ('float' in value)
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.FLOAT,
      f: value.float,
    });
  return value.$typeName === 'onnx.GraphProto'
    ? create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g: value })
    : create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.TENSOR, t: value });
}

/** An int64 tensor: of one dimension, or a scalar from a number. */
export function int64Tensor(name: string, values: readonly number[] | number): TensorProto {
  const list = typeof values === 'number' ? [values] : values;
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.INT64,
    dims: typeof values === 'number' ? [] : [BigInt(list.length)],
    int64Data: list.map(BigInt),
  });
}

/** A float scalar. */
export function floatTensor(name: string, value: number): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: TensorProto_DataType.FLOAT,
    floatData: [value],
  });
}

/** The same tensor, its data shared, under another name. */
export function renameTensor(tensor: TensorProto, name: string): TensorProto {
  const { dims, dataType, rawData, floatData, int32Data, externalData, dataLocation } = tensor;
  return create(TensorProtoSchema, {
    name,
    dims,
    dataType,
    // An external tensor must not have the field at all, not even empty.
    ...(rawData.length > 0 && { rawData }),
    floatData,
    int32Data,
    externalData,
    dataLocation,
  });
}

/** A graph input or output; a dimension is a number or a name. */
export function makeValue(
  name: string,
  elemType: TensorProto_DataType,
  dimensions?: readonly (number | string)[],
): ValueInfoProto {
  const shape =
    dimensions && create(TensorShapeProtoSchema, { dim: dimensions.map(makeDimension) });
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, shape } } },
  });
}

function makeDimension(dimension: number | string): TensorShapeProto_Dimension {
  return create(TensorShapeProto_DimensionSchema, {
    value:
      typeof dimension === 'number'
        ? { case: 'dimValue', value: BigInt(dimension) }
        : { case: 'dimParam', value: dimension },
  });
}
