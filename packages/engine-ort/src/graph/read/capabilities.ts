import type { Capability } from '@pliant/core';
import { allCapabilities, type EvidenceCapability } from '@pliant/core/engine';
import type { GraphIndex } from '../onnx/graph-index.js';
import type { GraphProto } from '../onnx/onnx_pb.js';
import { dimensionsOf } from '../onnx/tensor-shapes.js';
import { type Attention, GQA_INPUT } from './attention.js';
import type { CapabilityRow } from './capability-row.js';
import type { Boundary, LayerStructure, NoStructure } from './layer-structure.js';
import { renumberReason } from './renumber-reason.js';

/** Lists what the graph serves, a row per capability. */
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

interface Found {
  readonly graph: GraphProto;
  readonly index: GraphIndex;
  readonly logits: string;
  readonly attentions: readonly Attention[];
  readonly boundaries: readonly (Boundary | undefined)[];
  readonly structure: LayerStructure | NoStructure;
}

type Reason = (found: Found) => string | undefined;

/** Why a graph cannot give a kind of evidence, and the way out; undefined if it can. */
const evidenceReasons: { readonly [capability in EvidenceCapability]: Reason } = {
  scores: ({ attentions }) => {
    const computed = attentions.findIndex(({ rotary }) => rotary === 'computed');
    if (computed < 0) return undefined;
    return `Layer ${computed} chooses its rotation tables while it runs (a long-context variant), so scores cannot use the same rotation. Export with one table, for example a shorter context length.`;
  },
  'hidden.means': ({ boundaries }) => {
    const missing = boundaries.slice(0, -1).findIndex((boundary) => !boundary);
    if (missing < 0) return undefined;
    return `No norm before the attention of layer ${missing} was recognised. Use a model that normalises the input of every layer, exported with fused norms.`;
  },
  'block.influences': unknownState,
  'hidden.rows': unknownState,
};

function unknownState({ boundaries, attentions }: Found): string | undefined {
  const missing = boundaries.findIndex((boundary) => !boundary);
  if (missing < 0) return undefined;
  return `No norm before ${missing < attentions.length ? `the attention of layer ${missing}` : 'the LM head'} was recognised, so the state that layers pass on is not known. Use an export whose layers are joined by (Skip)LayerNormalization operators.`;
}

/** Why a graph cannot serve the other capabilities that not every graph serves. */
const otherReasons: { readonly [capability in Capability]?: Reason } = {
  'layers.skip': ({ structure }) =>
    'reason' in structure
      ? `Its layers cannot be told apart: ${structure.reason}. Use an export whose layers are joined by (Skip)LayerNormalization operators, as onnxruntime-genai's builder writes.`
      : undefined,
  'positions.renumber': ({ index, attentions, logits }) =>
    renumberReason(index, attentions, logits),
  batch: ({ graph, attentions }) => {
    const pastKey = attentions[0].node.input[GQA_INPUT.pastKey];
    const past = graph.input.find(({ name }) => name === pastKey);
    const batch = past && dimensionsOf(past)?.[0];
    if (typeof batch !== 'number') return undefined;
    return `The graph is fixed to a batch of ${batch}. Export it with a symbolic batch dimension.`;
  },
};

/** Capabilities that a graph cannot serve, each with the reason and the way out. */
export function missingCapabilities(found: Found): { [capability in Capability]?: string } {
  const reasons: { readonly [capability in Capability]?: Reason } = {
    ...otherReasons,
    ...evidenceReasons,
  };
  const missing: { [capability in Capability]?: string } = {};
  for (const capability of allCapabilities) {
    const reason = reasons[capability]?.(found);
    if (reason !== undefined) missing[capability] = reason;
  }
  return missing;
}
