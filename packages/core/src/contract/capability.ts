import { type EvidenceCapability, evidence, evidenceNames } from './evidence/evidence.js';

/**
 * The capabilities of a decoder beyond plain forwards: the ones below, and one for each kind of
 * evidence. A middleware lists the ones it needs, and `.use()` refuses a decoder without them. Open
 * for declaration merging by third-party decoders and middlewares.
 */
export interface Capabilities extends Record<EvidenceCapability, true> {
  /** Logits of every new row, not only the last (verification of drafts, perplexity). */
  'logits.all': true;
  /**
   * Several new rows are computed as forwards of one token each would, bit for bit: a verified
   * draft changes nothing.
   */
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
  ...evidenceNames.map((name) => evidence[name].capability),
  'layers.skip',
  'batch',
  'fork',
] as const satisfies readonly Capability[];

/** The capabilities that verifying proposed tokens takes. */
export const verificationNeeds = ['logits.all', 'kv.edit'] as const satisfies readonly Capability[];
