import type { DecoderShape } from '../../../contract/decoder.js';
import type { EvidenceName, Evidences } from '../../../contract/evidence/evidence.js';
import type { MockCache } from '../model/mock-cache.js';
import type { Observed } from '../model/mock-model.js';

/** A forward that is about to run. */
export interface MockForward {
  readonly shape: DecoderShape;
  readonly cache: MockCache;
  /** New tokens. */
  readonly tokens: number;
  /** [layers], 1 = run; absent: all run. */
  readonly gates?: Uint8Array;
}

/**
 * Gathers one kind of evidence from the new tokens, which it sees in order; the arrays are valid
 * during a call.
 */
export interface EvidenceObserver<E extends EvidenceName> {
  /** For each layer that runs. */
  attention?(token: number, layer: number, observed: Observed): void;
  /** The hidden state [hidden] before and after each layer that runs. */
  change?(token: number, layer: number, before: Float64Array, after: Float64Array): void;
  /** The hidden state [hidden] after so many layers. */
  state?(token: number, layers: number, state: Float64Array): void;
  /** Called once, after the last token. */
  result(): Evidences[E]['gives'];
}
