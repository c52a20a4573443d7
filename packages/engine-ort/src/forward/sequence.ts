import {
  type CacheEdit,
  type CacheView,
  type Capability,
  type ForwardInput,
  type ForwardOutput,
  type KeepEdit,
  type Sequence,
  StateError,
} from '@pliant/core';
import {
  type CheckedForward,
  capabilitiesOfEdit,
  capabilitiesUsed,
  type SavedCache,
} from '@pliant/core/engine';
import type { KvCache } from '../cache/kv-cache.js';
import type { RuntimeSession } from '../runtime/runtime.js';

/** What a sequence needs from its decoder. */
export interface SequenceHost {
  readonly id: string;
  /** @throws StateError once the decoder is closed, MissingCapabilityError */
  refuse(used: readonly Capability[], user: string): void;
  /** Waits until earlier forwards have ended. */
  run(members: readonly BatchMember[]): Promise<ForwardOutput[]>;
  check(input: ForwardInput, cache: KvCache): CheckedForward;
  register(sequence: OrtSequence): void;
  unregister(sequence: OrtSequence): void;
}

export interface BatchMember {
  readonly sequence: OrtSequence;
  readonly input: ForwardInput;
  readonly checked: CheckedForward;
}

/**
 * Runs a forward and releases every member, even if it fails.
 * @throws StateError if one was closed meanwhile
 */
export async function endedBy(
  members: readonly BatchMember[],
  run: () => Promise<ForwardOutput[]>,
): Promise<ForwardOutput[]> {
  const outcome = await run().then(
    (outputs) => ({ outputs }),
    (error: unknown) => ({ error }),
  );
  const open = members.map(({ sequence }) => sequence.end());
  if (open.includes(false)) throw new StateError('a sequence was closed during its forward');
  if ('error' in outcome) throw outcome.error;
  return outcome.outputs;
}

/**
 * Sessions that a sequence uses in turn: for steps, drafts with layers left out, and verifications.
 */
const mostHeld = 3;

export class OrtSequence implements Sequence {
  #busy = false;
  #closed = false;
  #sessions: readonly RuntimeSession[];

  /** @param sessions the sessions that it begins with */
  constructor(
    private readonly host: SequenceHost,
    readonly needs: readonly Capability[],
    readonly rows: KvCache,
    sessions: readonly RuntimeSession[],
  ) {
    this.#sessions = sessions;
    host.register(this);
  }

  /** Sessions that it uses. They must not be closed before it is. */
  get sessions(): readonly RuntimeSession[] {
    return this.#sessions;
  }

  hold(session: RuntimeSession): void {
    if (this.#sessions.at(-1) === session) return;
    const others = this.#sessions.filter((held) => held !== session);
    this.#sessions = [...others.slice(1 - mostHeld), session];
  }

  get cache(): CacheView {
    return this.rows;
  }

  belongsTo(host: SequenceHost): boolean {
    return this.host === host;
  }

  async forward(input: ForwardInput): Promise<ForwardOutput> {
    const member = this.begin(input);
    const [output] = await endedBy([member], () => this.host.run([member]));
    return output;
  }

  /**
   * Reserves the sequence for a forward; `end` must follow.
   * @throws with the sequence unchanged
   */
  begin(input: ForwardInput): BatchMember {
    this.#idle('forward');
    this.host.refuse(capabilitiesUsed(input), 'sequence.forward');
    const checked = this.host.check(input, this.rows);
    input.signal?.throwIfAborted();
    this.#busy = true;
    return { sequence: this, input, checked };
  }

  /**
   * Ends the forward.
   * @returns false if the sequence was closed meanwhile: its cache is freed now
   */
  end(): boolean {
    this.#busy = false;
    if (this.#closed) this.rows.close();
    return !this.#closed;
  }

  edit(edit: CacheEdit): void {
    this.#idle('edit');
    this.host.refuse(capabilitiesOfEdit(edit), 'sequence.edit');
    this.rows.edit(edit);
  }

  async fork(edit?: KeepEdit): Promise<Sequence> {
    this.#idle('fork');
    this.host.refuse(['fork', ...(edit ? capabilitiesOfEdit(edit) : [])], 'sequence.fork');
    const rows = edit ? this.rows.copy(edit) : this.rows.share();
    return new OrtSequence(this.host, this.needs, rows, this.#sessions);
  }

  save(): SavedCache {
    this.#idle('save');
    this.host.refuse(['kv.read'], 'sequence.save');
    return this.rows.save();
  }

  restore(saved: SavedCache): void {
    this.#idle('restore');
    this.host.refuse(['kv.write'], 'sequence.restore');
    this.rows.restore(saved);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.host.unregister(this);
    // The runtime may be writing into the cache. It is then freed when the forward has ended.
    if (!this.#busy) this.rows.close();
  }

  #idle(what: string): void {
    if (this.#closed) throw new StateError(`${what} of a closed sequence of '${this.host.id}'`);
    if (this.#busy)
      throw new StateError(
        `${what} of a sequence of '${this.host.id}' while a forward is under way; await it first`,
      );
  }
}
