import type { Capability } from '@pliant/core';
import { evidence, evidenceNames } from '@pliant/core/engine';

/** The capabilities of a loaded transformers.js model beyond plain forwards. */
export type PlainCapability = 'logits.all' | 'fork';

const engine = "Open the model with openDecoder of '@pliant/engine-ort' instead.";

const missingEvidence = Object.fromEntries(
  evidenceNames.map((name) => {
    const { capability, noun } = evidence[name];
    return [capability, `The graph of a transformers.js model returns no ${noun}. ${engine}`];
  }),
);

/** Why the others are missing, and the way out. */
export const missing: { readonly [capability in Capability]?: string } = {
  'logits.stepwise': `The graph of a transformers.js model computes several rows by other kernels than one. ${engine}`,
  'positions.explicit': `The positions of a transformers.js model follow its cache. ${engine}`,
  'kv.edit': `The cache of a transformers.js model is returned by each forward and cannot be cut or truncated. ${engine}`,
  'kv.read': `The cache of a transformers.js model is only passed on. ${engine}`,
  'kv.write': `The cache of a transformers.js model cannot be filled from outside. ${engine}`,
  'positions.renumber': `The keys in the cache of a transformers.js model cannot be rotated. ${engine}`,
  ...missingEvidence,
  'layers.skip': `The graph of a transformers.js model always runs every layer. ${engine}`,
  batch: `The sequences of a transformers.js model are run one by one. ${engine}`,
};
