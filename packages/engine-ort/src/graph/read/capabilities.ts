import type { Capability } from '@pliant/core';
import { allCapabilities } from '@pliant/core/engine';
import type { GraphIndex } from '../onnx/graph-index.js';
import type { GraphProto } from '../onnx/onnx_pb.js';
import { dimensionsOf } from '../onnx/tensor-shapes.js';
import { type Attention, GQA_INPUT } from './attention.js';
import type { CapabilityRow } from './capability-row.js';
import type { Boundary, LayerStructure, NoStructure } from './layer-structure.js';
import { renumberReason } from './renumber-reason.js';

/** What the graph serves, a row per capability. */
export function describeCapabilities(model: {
  readonly missing: { readonly [capability in Capability]?: string };
}): CapabilityRow[] {
  return allCapabilities.map((capability) => {
    const reason = model.missing[capability];
    return reason === undefined
      ? { capability, available: true }
      : { capability, available: false, reason };
  });
}

/** Capabilities that a graph cannot serve, each with the reason and the way out. */
export function missingCapabilities(found: {
  readonly graph: GraphProto;
  readonly index: GraphIndex;
  readonly logits: string;
  readonly attentions: readonly Attention[];
  readonly boundaries: readonly (Boundary | undefined)[];
  readonly structure: LayerStructure | NoStructure;
}): { [capability in Capability]?: string } {
  const missing: { [capability in Capability]?: string } = {};
  const { graph, index, logits, attentions, boundaries, structure } = found;
  if ('reason' in structure)
    missing['layers.skip'] =
      `Its layers cannot be told apart: ${structure.reason}. Use an export whose layers are joined by (Skip)LayerNormalization operators, as onnxruntime-genai's builder writes.`;
  const unnormalised = boundaries.slice(0, -1).findIndex((boundary) => !boundary);
  if (unnormalised >= 0)
    missing['hidden.means'] =
      `No norm before the attention of layer ${unnormalised} was recognised. Use a model that normalises the input of every layer, exported with fused norms.`;
  const unbounded = boundaries.findIndex((boundary) => !boundary);
  if (unbounded >= 0)
    missing['block.influences'] =
      `No norm before ${unbounded < attentions.length ? `the attention of layer ${unbounded}` : 'the LM head'} was recognised, so the state that layers pass on is not known. Use an export whose layers are joined by (Skip)LayerNormalization operators.`;
  const computed = attentions.findIndex(({ rotary }) => rotary === 'computed');
  if (computed >= 0)
    missing.scores = `Layer ${computed} chooses its rotation tables while it runs (a long-context variant), so scores cannot rotate alike. Export with one table, for example a shorter context length.`;
  const renumber = renumberReason(index, attentions, logits);
  if (renumber !== undefined) missing['positions.renumber'] = renumber;
  const past = graph.input.find(({ name }) => name === attentions[0].node.input[GQA_INPUT.pastKey]);
  const batch = past && dimensionsOf(past)?.[0];
  if (typeof batch === 'number')
    missing.batch = `The graph is fixed to a batch of ${batch}. Export it with a symbolic batch dimension.`;
  return missing;
}
