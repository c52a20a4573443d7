import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Attention } from '../read/attention.js';
import type { ModelGraph } from '../read/model-graph.js';
import { SCORES_KEYS, SCORES_POSITIONS, SCORES_QUERY, SCORES_ROWS } from './scores-names.js';
import { addRotation } from './scores-rotation.js';
import { addFloat, addInitializer, toFloat } from './scores-tensors.js';

/** Added to the logit of a key that a row does not see; finite, so that nothing becomes NaN. */
const UNSEEN = -3e38;

/** @returns probabilities [G, heads / G, W, T] */
export function addAttention(
  builder: GraphBuilder,
  model: ModelGraph,
  attention: Attention,
): string {
  const { rotary } = attention;
  const rotated = addRotation(builder, model, rotary, (tables) => [SCORES_POSITIONS, ...tables]);
  const logits = addLogits(builder, model, attention, rotated);
  const masked = builder.add('masked', 'Add', [logits, addMask(builder, attention.slidingWindow)]);
  return addSoftmax(builder, model, attention, masked);
}

/** @returns logits [G, heads / G, W, T], unmasked */
export function addLogits(
  builder: GraphBuilder,
  model: ModelGraph,
  attention: Attention,
  rotated: string,
): string {
  const { heads, kvHeads, headDim } = model.shape;
  const group = heads / kvHeads;
  const grouped = builder.add(
    'query_by_head',
    'Transpose',
    [
      builder.add('query_heads', 'Reshape', [
        rotated,
        builder.int64([-1, kvHeads, group, headDim]),
      ]),
    ],
    { perm: [1, 2, 0, 3] },
  );
  // The query heads of a KV head are rows of one matrix, so its keys are not copied.
  const query = builder.add('query_by_group', 'Reshape', [
    grouped,
    builder.int64([kvHeads, -1, headDim]),
  ]);
  const keys = builder.add('keys_by_group', 'Reshape', [
    toFloat(
      builder,
      model,
      builder.add('present_keys', 'Slice', [
        SCORES_KEYS,
        builder.int64([0]),
        SCORES_ROWS,
        builder.int64([2]),
      ]),
    ),
    builder.int64([kvHeads, -1, headDim]),
  ]);
  const product = builder.add('product', 'com.microsoft:FusedMatMul', [query, keys], {
    transB: 1,
    alpha: { float: attention.scale || 1 / Math.sqrt(headDim) },
  });
  return builder.add('logits', 'Reshape', [
    addSoftcap(builder, attention.softcap, product),
    builder.add('logits_shape', 'Concat', [builder.int64([kvHeads, group, -1]), SCORES_ROWS], {
      axis: 0,
    }),
  ]);
}

function addSoftcap(builder: GraphBuilder, softcap: number, logits: string): string {
  if (!(softcap > 0)) return logits;
  const cap = addFloat(builder, 'softcap', softcap);
  return builder.add('capped', 'Mul', [
    builder.add('tanh', 'Tanh', [builder.add('over_cap', 'Div', [logits, cap])]),
    cap,
  ]);
}

/**
 * [W, T]: 0 if a row sees a key, else UNSEEN. Row w is cache row T - W + w. The window counts cache
 * rows, as the operator does.
 */
function addMask(builder: GraphBuilder, slidingWindow: number): string {
  const zero = builder.int64(0);
  const one = builder.int64(1);
  const total = builder.add('total', 'Squeeze', [SCORES_ROWS]);
  const shape = builder.add('query_shape', 'Shape', [SCORES_QUERY]);
  const count = builder.add('query_count', 'Gather', [shape, one]);
  const keys = builder.add('key_rows', 'Range', [zero, total, one]);
  const first = builder.add('first_row', 'Sub', [total, count]);
  const rows = builder.add('query_rows', 'Reshape', [
    builder.add('query_range', 'Range', [first, total, one]),
    builder.int64([-1, 1]),
  ]);
  const causal = builder.add('causal', 'LessOrEqual', [keys, rows]);
  const seen =
    slidingWindow > 0
      ? builder.add('seen', 'And', [
          causal,
          builder.add('within_window', 'Greater', [
            keys,
            builder.add('window_start', 'Sub', [rows, builder.int64(slidingWindow)]),
          ]),
        ])
      : causal;
  return builder.add('mask', 'Where', [
    seen,
    addFloat(builder, 'visible', 0),
    addFloat(builder, 'unseen', UNSEEN),
  ]);
}

/** With sinks, each row has one more logit, dropped after the softmax. */
export function addSoftmax(
  builder: GraphBuilder,
  model: ModelGraph,
  { sinks }: Attention,
  logits: string,
): string {
  if (!sinks) return builder.add('probabilities', 'Softmax', [logits], { axis: -1 });
  const { heads, kvHeads } = model.shape;
  const shape = builder.add('sink_shape', 'Slice', [
    builder.add('logits_size', 'Shape', [logits]),
    builder.int64([0]),
    builder.int64([3]),
  ]);
  const column = builder.add('sink_column', 'Concat', [shape, builder.int64([1])], { axis: 0 });
  const logit =
    sinks === 'zero'
      ? addFloat(builder, 'zero_sink', 0)
      : builder.add('sink_by_head', 'Reshape', [
          toFloat(builder, model, addInitializer(builder, model, sinks, 'sinks')),
          builder.int64([kvHeads, heads / kvHeads, 1, 1]),
        ]);
  const extended = builder.add(
    'with_sink',
    'Concat',
    [logits, builder.add('sink', 'Expand', [logit, column])],
    { axis: -1 },
  );
  return builder.add('probabilities', 'Slice', [
    builder.add('with_sink_probabilities', 'Softmax', [extended], { axis: -1 }),
    builder.int64([0]),
    SCORES_ROWS,
    builder.int64([3]),
  ]);
}
