import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Attention } from '../read/attention.js';
import type { ModelGraph } from '../read/model-graph.js';
import { addLogits, addSoftmax } from './scores-attention.js';
import { SCORES_POSITIONS, SCORES_QUERY } from './scores-names.js';
import { addRotation } from './scores-rotation.js';
import { addFloat } from './scores-tensors.js';

/**
 * Softmax of the mean of the rows' logits plus half their variance, the rows rotated by the average
 * over SCORES_POSITIONS. Up to a factor, normally distributed queries at those positions pay this
 * attention on average.
 * @returns probabilities [G, heads / G, 1, T]
 */
export function addExpectedAttention(
  builder: GraphBuilder,
  model: ModelGraph,
  attention: Attention,
): string {
  const rotated = addRotation(builder, model, attention.rotary, (tables) =>
    addAverages(builder, tables),
  );
  const logits = addLogits(builder, model, attention, rotated);
  const mean = addMean(builder, 'mean', logits, 2);
  const deviation = builder.add('deviation', 'Sub', [logits, mean]);
  const squares = builder.add('squares', 'Mul', [deviation, deviation]);
  const variance = addMean(builder, 'variance', squares, 2);
  const half = builder.add('half_variance', 'Mul', [variance, addFloat(builder, 'half', 0.5)]);
  return addSoftmax(builder, model, attention, builder.add('expected', 'Add', [mean, half]));
}

/**
 * Averages each table over SCORES_POSITIONS, a copy for each row: the operator takes no fewer
 * positions than rows.
 */
function addAverages(builder: GraphBuilder, tables: readonly string[]): string[] {
  const [zero, one] = [builder.int64(0), builder.int64(1)];
  const shape = builder.add('query_shape', 'Shape', [SCORES_QUERY]);
  const count = builder.add('query_count', 'Gather', [shape, builder.int64([1])]);
  const copies = builder.add('copies', 'Concat', [count, builder.int64([1])], { axis: 0 });
  const rows = builder.add('row_numbers', 'Range', [
    zero,
    builder.add('query_total', 'Squeeze', [count]),
    one,
  ]);
  const averages = tables.map((table, at) => {
    const name = at === 0 ? 'cos' : 'sin';
    const gathered = builder.add(`future_${name}`, 'Gather', [table, SCORES_POSITIONS]);
    // [1, F, D / 2] to [1, D / 2]
    const average = builder.add(`average_${name}`, 'ReduceMean', [gathered, builder.int64([1])], {
      keepdims: 0,
    });
    return builder.add(`${name}_of_rows`, 'Expand', [average, copies]);
  });
  return [builder.add('rows_at', 'Reshape', [rows, builder.int64([1, -1])]), ...averages];
}

function addMean(builder: GraphBuilder, name: string, tensor: string, axis: number): string {
  return builder.add(name, 'ReduceMean', [tensor, builder.int64([axis])], { keepdims: 1 });
}
