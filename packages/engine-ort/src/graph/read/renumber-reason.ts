import type { GraphIndex } from '../onnx/graph-index.js';
import { TensorProto_DataType } from '../onnx/onnx_pb.js';
import { type Attention, GQA_INPUT } from './attention.js';
import { readerBeyondOperators } from './reader-beyond-operators.js';

/**
 * Why cached keys cannot be turned to other rotary positions, and the way out; undefined if they
 * can.
 */
export function renumberReason(
  index: GraphIndex,
  attentions: readonly Attention[],
  logits: string,
): string | undefined {
  const reader = readerBeyondOperators(index, attentions, logits, 'position_ids', [
    GQA_INPUT.positionIds,
  ]);
  if (reader)
    return `Positions are read outside the attention operators (node '${reader.name}'), in a way that cannot be taken back. Export with the rotation in the operator (do_rotary), as onnxruntime-genai's builder writes.`;
  for (const [layer, { rotary, slidingWindow }] of attentions.entries()) {
    if (slidingWindow > 0)
      return `Layer ${layer} sees the newest ${slidingWindow} rows of its cache, whatever their positions. Use a model without sliding windows.`;
    if (rotary === undefined) continue;
    if (rotary === 'computed')
      return `Layer ${layer} chooses its rotation tables while it runs (a long-context variant), so keys cannot be turned to other positions. Export with one table, for example a shorter context length.`;
    for (const table of [rotary.cosCache, rotary.sinCache]) {
      const { dataType } = index.initializers.get(table)!;
      if (dataType !== TensorProto_DataType.FLOAT)
        return `The rotation table '${table}' is of type ${TensorProto_DataType[dataType] ?? dataType}. Export with float tables.`;
    }
  }
  return undefined;
}
