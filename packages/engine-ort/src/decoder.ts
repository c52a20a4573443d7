import type { Capability, Decoder, DecoderShape } from '@pliant/core';
import type { CapabilityRow } from './graph/read/capability-row.js';
import type { RuntimeKind } from './runtime/runtime.js';

/** A decoder that runs on ONNX Runtime. Made by `openDecoder`. */
export interface OrtDecoder<Have extends Capability = Capability> extends Decoder<Have> {
  /**
   * Opens the same weights, ending after the first `layers` layers: a cheap source of attention
   * scores. It is a decoder with its own session, and closes with this one. The text that it
   * generates is noise: only a model trained for early exit speaks through its LM head after part
   * of the layers.
   * @throws InvalidOptionsError for fewer than 1 or more than all layers
   * @throws MissingCapabilityError if the layers cannot be told apart
   */
  draft(options: DraftOptions): OrtDecoder<Have>;
  /**
   * SHA-256 of the ONNX file and its weight files, and of a draft's number of layers. Computed at
   * the first call.
   */
  fingerprint(): Promise<string>;
  /** Describes what was opened and what it can do. */
  inspect(): Inspection;
  /** Builds the session that `open` with these needs would build. */
  prepare(needs?: readonly Capability[]): Promise<void>;
}

export interface DraftOptions {
  /** 1 to all layers of the model. */
  readonly layers: number;
}

export interface Inspection {
  readonly id: string;
  /** The ONNX file. */
  readonly file: string;
  readonly runtime: {
    readonly kind: RuntimeKind;
    /** Why this one. */
    readonly reason: string;
    /** Version of ONNX Runtime. */
    readonly version: string;
  };
  readonly threads: number;
  /**
   * `'off'`: switched off before the library was loaded. It stays on if other code in the process
   * loaded the library earlier.
   */
  readonly telemetry: 'off' | 'on';
  readonly shape: DecoderShape;
  /** A row for each capability; for a missing one, the reason and the way out. */
  readonly capabilities: readonly CapabilityRow[];
  /**
   * Ports of the loaded sessions, the most recently used last: `plain`, or a list of `gates`, kinds
   * of evidence (`scores`, `hiddenMeans`, ...), and `without` with the layers left out.
   */
  readonly sessions: readonly string[];
  /**
   * Number of sessions built since the model was opened, including those of its drafts and the
   * small ones that compute scores.
   */
  readonly sessionBuilds: number;
  /**
   * How many of them were built again after making room for another: see `sessionMemory` of
   * `openDecoder`.
   */
  readonly sessionRebuilds: number;
}
