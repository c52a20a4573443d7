import type { Capability, Decoder, DecoderShape } from '@pliant/core';
import type { CapabilityRow } from './graph/read/capability-row.js';
import type { RuntimeKind } from './runtime/runtime.js';

/** A decoder that runs on ONNX Runtime. Made by `openDecoder`. */
export interface OrtDecoder<Have extends Capability = Capability> extends Decoder<Have> {
  /**
   * The same weights, ending after the first `layers` layers: a cheap source of attention scores. It is a decoder of its own with
   * its own session, and closes with this one. The text that it would generate is noise: only a model trained to leave early
   * speaks through its LM head after a part of the layers.
   * @throws InvalidOptionsError for less than 1 or more than all layers
   * @throws MissingCapabilityError where the layers cannot be told apart
   */
  draft(options: DraftOptions): OrtDecoder<Have>;
  /** SHA-256 over the ONNX file and its weight files, with the layers of a draft. Read when first asked for. */
  fingerprint(): Promise<string>;
  /** What was opened and what it can do. */
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
    /** Of ONNX Runtime. */
    readonly version: string;
  };
  readonly threads: number;
  /** `'off'`: switched off before the library was loaded, unless other code in the process loaded it earlier. */
  readonly telemetry: 'off' | 'on';
  readonly shape: DecoderShape;
  /** A row for each capability; for a missing one, the reason and the way out. */
  readonly capabilities: readonly CapabilityRow[];
  /** Ports of the sessions that are loaded now, the latest used last: `plain` or a list of `gates`, `queries`, `hiddenMeans`, `influences`, `without` and the layers left out. */
  readonly sessions: readonly string[];
  /** Sessions built since the model was opened, those of its drafts and the small ones that compute scores included. */
  readonly sessionBuilds: number;
  /** Those among them that had been there before and made room for another: see `sessionMemory` of `openDecoder`. */
  readonly sessionRebuilds: number;
}
