import type { GraphIndex } from '../onnx/graph-index.js';
import { intAttribute } from '../onnx/node-attributes.js';

const products = ['Gemm', 'MatMul', 'MatMulInteger', 'QMoE', 'MoE'];

/**
 * Whether every product with weights may round a row the same way alone and beside other rows.
 * Products on 8-bit activations do, if the machine's kernels allow it. Float products have a
 * separate kernel for one row.
 */
export function mayBeRowwiseExact({ nodes }: GraphIndex): boolean {
  return nodes.every(
    (node) =>
      !products.includes(node.opType) &&
      (node.opType !== 'MatMulNBits' || intAttribute(node, 'accuracy_level', 0) === 4),
  );
}
