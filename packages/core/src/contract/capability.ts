/**
 * What a decoder can do beyond plain forwards. A middleware lists the ones it needs, and `.use()` refuses a decoder without them.
 * Open for declaration merging by third-party decoders and middlewares.
 */
export interface Capabilities {
  /** Logits of every new row, not only the last (verification of drafts, perplexity). */
  'logits.all': true;
  /** Several new rows are computed as forwards of one token each would, bit for bit: a verified draft changes nothing. */
  'logits.stepwise': true;
  /** Positions of new rows are given, not derived from the cache length. */
  'positions.explicit': true;
  /** Rows of the cache can be kept, dropped and truncated per layer and KV head. */
  'kv.edit': true;
  /** Keys and values can be read. */
  'kv.read': true;
  /** A saved cache can be written back into an empty sequence. */
  'kv.write': true;
  /** Kept rows can be given other rotary positions: their keys are rotated. */
  'positions.renumber': true;
  /** Attention of query rows over the cache, reduced over rows and heads. */
  scores: true;
  /** Mean over tokens of each layer's normalised input. */
  'hidden.means': true;
  /** How much each layer changes the hidden state. */
  'block.influences': true;
  /** Layers can be switched off, a forward at a time. */
  'layers.skip': true;
  /** Several sequences in one forward. */
  batch: true;
  /** A sequence can be copied, its cache with it. */
  fork: true;
}
export type Capability = keyof Capabilities;

/** All capabilities of this version. */
export const allCapabilities = [
  'logits.all',
  'logits.stepwise',
  'positions.explicit',
  'kv.edit',
  'kv.read',
  'kv.write',
  'positions.renumber',
  'scores',
  'hidden.means',
  'block.influences',
  'layers.skip',
  'batch',
  'fork',
] as const satisfies readonly Capability[];
