import type { GraphIndex } from './graph-index.js';
import { intAttribute } from './node-attributes.js';
import { TensorProto_DataType, type ValueInfoProto } from './onnx_pb.js';

/** A dimension: a number if it is fixed, else its name (or ''). */
export function dimensionsOf(value: ValueInfoProto): (number | string)[] | undefined {
  if (value.type?.value.case !== 'tensorType') return undefined;
  return value.type.value.value.shape?.dim.map(({ value: dim }) =>
    dim.case === 'dimValue' ? Number(dim.value) : (dim.value ?? ''),
  );
}

export function elementTypeOf(value: ValueInfoProto): TensorProto_DataType {
  return value.type?.value.case === 'tensorType'
    ? (value.type.value.value.elemType as TensorProto_DataType)
    : TensorProto_DataType.UNDEFINED;
}

/** Operators that leave the last dimension as it is, read at input 0. */
const KEEP_LAST = new Set(['Add', 'Mul', 'Cast', 'Identity', 'Slice', 'Tanh', 'Div']);

/**
 * Last dimension of a tensor that a matrix multiplication makes, possibly with a bias or a factor
 * after it; undefined if it is not made that way.
 */
export function producedWidth(index: GraphIndex, tensor: string): number | undefined {
  let name = tensor;
  for (let hop = 0; hop < 8; hop++) {
    const at = index.producer.get(name);
    if (at === undefined) return undefined;
    const node = index.nodes[at];
    if (node.opType === 'MatMulNBits') return positive(intAttribute(node, 'N', 0));
    if (node.opType === 'MatMul' || node.opType === 'Gemm') {
      const dims = index.initializers.get(node.input[1])?.dims;
      const transposed = node.opType === 'Gemm' && intAttribute(node, 'transB', 0) === 1;
      return dims?.length === 2 ? positive(Number(dims[transposed ? 0 : 1])) : undefined;
    }
    if (node.opType === 'Reshape') return lastOfShape(index, node.input[1]);
    if (!KEEP_LAST.has(node.opType)) return undefined;
    name = node.input[0];
  }
  return undefined;
}

/** Width that the matrix multiplication reading `tensor` takes. */
export function consumedWidth(index: GraphIndex, tensor: string): number | undefined {
  for (const at of index.consumers.get(tensor) ?? []) {
    const node = index.nodes[at];
    if (node.opType === 'MatMulNBits') return positive(intAttribute(node, 'K', 0));
    const dims = index.initializers.get(node.input[1])?.dims;
    if (node.opType === 'MatMul' && dims?.length === 2) return positive(Number(dims[0]));
  }
  return undefined;
}

/** The last entry of a constant shape. */
function lastOfShape(index: GraphIndex, name: string): number | undefined {
  const at = index.producer.get(name);
  const constant = at === undefined ? undefined : index.nodes[at].attribute[0]?.t;
  const tensor = index.initializers.get(name) ?? constant;
  if (tensor?.dataType !== TensorProto_DataType.INT64) return undefined;
  const listed = tensor.int64Data.at(-1);
  if (listed !== undefined) return positive(Number(listed));
  const { rawData } = tensor;
  if (rawData.length < 8 || rawData.length % 8 !== 0) return undefined;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return positive(Number(view.getBigInt64(rawData.length - 8, true)));
}

function positive(value: number): number | undefined {
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
