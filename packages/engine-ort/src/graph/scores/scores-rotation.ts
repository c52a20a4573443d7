import { UnsupportedModelError } from '../errors.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Attention, Rotary } from '../read/attention.js';
import type { ModelGraph } from '../read/model-graph.js';
import { SCORES_QUERY } from './scores-names.js';
import { addInitializer, toFloat } from './scores-tensors.js';

/**
 * Rotates the query rows as the attention operator does.
 * @param place position of each row, and the model's cos and sin tables that it indexes
 * @throws UnsupportedModelError if the graph computes its tables
 */
export function addRotation(
  builder: GraphBuilder,
  model: ModelGraph,
  rotary: Attention['rotary'],
  place: (tables: readonly string[]) => readonly string[],
): string {
  if (!rotary) return SCORES_QUERY;
  if (rotary === 'computed')
    throw new UnsupportedModelError(model.missing.scores ?? 'The graph computes its rotation.');
  return builder.add(
    'rotated_query',
    'com.microsoft:RotaryEmbedding',
    [SCORES_QUERY, ...place(addTables(builder, model, rotary))],
    {
      interleaved: rotary.interleaved ? 1 : 0,
      num_heads: model.shape.heads,
      rotary_embedding_dim: rotary.dimensions < model.shape.headDim ? rotary.dimensions : 0,
    },
  );
}

function addTables(builder: GraphBuilder, model: ModelGraph, rotary: Rotary): string[] {
  return [rotary.cosCache, rotary.sinCache].map((name, at) =>
    toFloat(builder, model, addInitializer(builder, model, name, at === 0 ? 'cos' : 'sin')),
  );
}
