import { setTimeout as sleep } from 'node:timers/promises';
import { capabilitiesOfEdit } from '../../checks/check-edit.js';
import { type CheckedForward, capabilitiesUsed, checkForward } from '../../checks/check-forward.js';
import type { CacheEdit, CacheView, KeepEdit, SavedCache } from '../../contract/cache.js';
import type { Capability } from '../../contract/capability.js';
import type {
  DecoderShape,
  ForwardInput,
  ForwardOutput,
  OpenOptions,
  Sequence,
} from '../../contract/decoder.js';
import { StateError } from '../../contract/errors.js';
import { firstForward } from './mock-first-forward.js';
import { runForward } from './mock-output.js';
import { MockCache } from './model/mock-cache.js';
import type { MockModel } from './model/mock-model.js';
import type { Weights } from './model/mock-weights.js';
import { refuseMissing } from './refuse-missing.js';

/** The state that the sequences of a decoder share. */
export interface SequenceHost {
  readonly shape: DecoderShape;
  readonly weights: Weights;
  readonly model: MockModel;
  readonly capabilities: ReadonlySet<Capability>;
  readonly delay: number;
  /** Open sequences, to be closed with the decoder. */
  readonly open: Set<MockSequence>;
  /** Records forwards of these sequences. @throws when this is the one that fails */
  record(
    forwards: readonly { sequence: MockSequence; input: ForwardInput; checked: CheckedForward }[],
  ): void;
  nextNumber(): number;
}

/** A sequence whose forwards compute at once, after the decoder's delay. */
export class MockSequence implements Sequence {
  /** 0 for the first sequence of the decoder; forks count on. */
  readonly number: number;
  private readonly rows: MockCache;
  private logits = new Float32Array(0);
  private busy = false;
  private closed = false;

  constructor(
    private readonly host: SequenceHost,
    private readonly options: OpenOptions,
    cache?: MockCache,
  ) {
    this.number = host.nextNumber();
    const read = () => refuseMissing(host.capabilities, 'kv.read', 'sequence.cache');
    this.rows =
      cache ??
      new MockCache(host.shape, {
        firstRows: Math.max(1, options.rows ?? 16),
        maxRows: options.maxRows,
        read,
      });
    host.open.add(this);
  }

  get cache(): CacheView {
    return this.rows;
  }

  belongsTo(host: SequenceHost): boolean {
    return this.host === host;
  }

  async forward(input: ForwardInput): Promise<ForwardOutput> {
    const checked = this.begin(input);
    try {
      this.host.record([{ sequence: this, input, checked }]);
      await pause(this.host.delay, input.signal);
      return this.finish(input, checked);
    } finally {
      this.release();
    }
  }

  /**
   * Takes the sequence for a forward, which `finish` or `release` must end.
   * @throws with the sequence as it was
   */
  begin(input: ForwardInput): CheckedForward {
    this.idle('forward');
    for (const capability of capabilitiesUsed(input)) {
      refuseMissing(this.host.capabilities, capability, 'sequence.forward');
      if (!this.options.needs?.includes(capability))
        throw new StateError(
          `sequence ${this.number} of the mock decoder was opened without '${capability}' among its needs, so an engine may have no graph for this forward; list it in open({ needs })`,
        );
    }
    const checked = checkForward('mock decoder, forward', input, this.host.shape, this.rows);
    input.signal?.throwIfAborted();
    this.busy = true;
    return checked;
  }

  finish(input: ForwardInput, checked: CheckedForward): ForwardOutput {
    if (this.closed)
      throw new StateError(
        `sequence ${this.number} of the mock decoder was closed during a forward`,
      );
    const { model, shape, weights } = this.host;
    const size = (input.want?.logits === 'all' ? checked.ids.length : 1) * shape.vocabulary;
    if (this.logits.length < size) this.logits = new Float32Array(size);
    return firstForward(weights, this.rows, this.options, checked, input.want, this.logits, () =>
      runForward(model, shape, this.rows, checked, input, this.logits),
    );
  }

  release(): void {
    this.busy = false;
  }

  edit(edit: CacheEdit): void {
    this.idle('edit');
    this.refuse(capabilitiesOfEdit(edit), 'sequence.edit');
    this.rows.edit(edit);
  }

  async fork(edit?: KeepEdit): Promise<Sequence> {
    this.idle('fork');
    this.refuse(['fork', ...(edit ? capabilitiesOfEdit(edit) : [])], 'sequence.fork');
    return new MockSequence(this.host, this.options, this.rows.copy(edit));
  }

  save(): SavedCache {
    this.idle('save');
    this.refuse(['kv.read'], 'sequence.save');
    return this.rows.save();
  }

  restore(saved: SavedCache): void {
    this.idle('restore');
    this.refuse(['kv.write'], 'sequence.restore');
    this.rows.restore(saved);
  }

  close(): void {
    this.closed = true;
    this.rows.free();
    this.host.open.delete(this);
  }

  private refuse(used: readonly Capability[], user: string): void {
    for (const capability of used) refuseMissing(this.host.capabilities, capability, user);
  }

  private idle(what: string): void {
    const where = `${what} of sequence ${this.number} of the mock decoder`;
    if (this.closed) throw new StateError(`${where}: it is closed`);
    if (this.busy) throw new StateError(`${where}: a forward is under way; await it first`);
  }
}

/** @throws the signal's reason, not the timer's error */
export async function pause(delay: number, signal: AbortSignal | undefined): Promise<void> {
  if (delay > 0) await sleep(delay, undefined, { signal }).catch(() => undefined);
  signal?.throwIfAborted();
}
