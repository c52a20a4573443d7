import {
  type Capability,
  type Decoder,
  type DecoderShape,
  type OpenOptions,
  type ScoresRequest,
  type Sequence,
  StateError,
} from '@pliant/core';
import { RememberedPath } from './remembered-path.js';
import { type PathHost, RememberedSequence } from './remembered-sequence.js';

/** Capabilities that sequences may need and still be remembered. */
const remembered: readonly Capability[] = [
  'positions.explicit',
  'kv.edit',
  'kv.read',
  'scores',
  'fork',
];

/**
 * A decoder that runs forwards from the start of a prompt on once and remembers them, for many
 * methods on the same prompt: a sequence that reads the same ids in the same chunks gets what was
 * computed before. With its first edit, or the first forward that goes elsewhere, it becomes a copy
 * of the sequence that ran them. The outputs are those of the inner decoder, bit for bit, where its
 * forks are exact and scores do not change its logits.
 *
 * Sequences run one after the other. One that needs layers skipped, hidden means or the logits of
 * every row is the inner decoder's own.
 */
export class RememberingDecoder implements Decoder, PathHost {
  readonly capabilities: ReadonlySet<Capability>;
  readonly followers = new Set<Sequence>();
  #paths: RememberedPath[] = [];
  #requests: readonly ScoresRequest[] = [];

  /** @param inner with `fork` and `kv.edit`; closed with this one */
  constructor(private readonly inner: Decoder) {
    // Its batches would take only its own sequences.
    this.capabilities = new Set([...inner.capabilities].filter((have) => have !== 'batch'));
  }

  get id(): string {
    return this.inner.id;
  }
  get shape(): DecoderShape {
    return this.inner.shape;
  }
  get missing(): Decoder['missing'] {
    return this.inner.missing;
  }
  get vocabularyFingerprint(): string | undefined {
    return this.inner.vocabularyFingerprint;
  }
  get defaults(): Decoder['defaults'] {
    return this.inner.defaults;
  }

  /**
   * Forgets what was remembered.
   * @param requests scores that may be wanted along the next prompt; asked for in every forward,
   * with as many rows as it has
   * @throws StateError while a sequence is open
   */
  begin(requests: readonly ScoresRequest[]): void {
    if (this.followers.size > 0)
      throw new StateError(`begin() while ${this.followers.size} sequences are open`);
    for (const path of this.#paths) path.close();
    this.#paths = [];
    this.#requests = requests;
  }

  async open(options: OpenOptions = {}): Promise<Sequence> {
    if (options.needs?.some((need) => !remembered.includes(need))) return this.inner.open(options);
    return new RememberedSequence(this, this.#paths[0] ?? (await this.#addPath()), 0);
  }

  async pathFor(ids: Int32Array): Promise<RememberedPath> {
    return this.#paths.find((path) => path.beginsWith(ids)) ?? this.#addPath();
  }

  async prepare(needs?: readonly Capability[]): Promise<void> {
    await this.inner.prepare?.(needs);
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #addPath(): Promise<RememberedPath> {
    const needs = remembered.filter((capability) => this.capabilities.has(capability));
    const sequence = await this.inner.open({ needs });
    const path = new RememberedPath(sequence, this.#requests, this.shape.layers);
    this.#paths.push(path);
    return path;
  }
}
