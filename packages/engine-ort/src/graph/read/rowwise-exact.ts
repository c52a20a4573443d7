import type { GraphIndex } from '../onnx/graph-index.js';
import { intAttribute } from '../onnx/node-attributes.js';

const products = ['Gemm', 'MatMul', 'MatMulInteger', 'QMoE', 'MoE'];

/**
 * Whether every product with weights may round a row alike alone and beside others: those on 8-bit activations do, where the kernels of
 * the machine see to it; products in floats have a kernel of their own for one row.
 */
export function mayRoundRowsAlike({ nodes }: GraphIndex): boolean {
  return nodes.every(
    (node) =>
      !products.includes(node.opType) &&
      (node.opType !== 'MatMulNBits' || intAttribute(node, 'accuracy_level', 0) === 4),
  );
}
