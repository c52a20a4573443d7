import type {
  CacheEdit,
  CacheView,
  DecoderShape,
  ForwardInput,
  ForwardOutput,
  KeepEdit,
  Sequence,
} from '@pliant/core';
import type { RememberedPath } from './remembered-path.js';
import { SequenceCache } from './sequence-cache.js';

/** The part of a decoder that a remembered sequence needs. */
export interface PathHost {
  readonly shape: DecoderShape;
  /** Sequences that are open. */
  readonly followers: Set<Sequence>;
  /** The path that begins with these ids, a new one where there is none. */
  pathFor(ids: Int32Array): Promise<RememberedPath>;
}

/** Follows a path as long as its forwards do; then it is a sequence of its own. */
export class RememberedSequence implements Sequence {
  readonly cache: CacheView;
  #own: Sequence | undefined;

  constructor(
    private readonly host: PathHost,
    private path: RememberedPath,
    private depth: number,
  ) {
    this.cache = new SequenceCache(host.shape.headDim, () =>
      this.#own
        ? { cache: this.#own.cache }
        : { cache: this.path.cache, first: this.path.rowsAt(this.depth) },
    );
    host.followers.add(this);
  }

  async forward(input: ForwardInput): Promise<ForwardOutput> {
    if (this.#own) return this.#own.forward(input);
    if (this.depth === 0) this.path = await this.host.pathFor(input.ids);
    const output = await this.path.forward(this.depth, input);
    if (output) {
      this.depth++;
      return output;
    }
    this.#own = await this.path.forkAt(this.depth);
    return this.#own.forward(input);
  }

  edit(edit: CacheEdit): void {
    this.#own ??= this.path.leave(this.depth);
    this.#own.edit(edit);
  }

  async fork(edit?: KeepEdit): Promise<Sequence> {
    if (this.#own) return this.#own.fork(edit);
    const fork = new RememberedSequence(this.host, this.path, this.depth);
    if (!edit) return fork;
    fork.#own = await this.path.forkAt(this.depth);
    fork.#own.edit(edit);
    return fork;
  }

  close(): void {
    this.#own?.close();
    this.host.followers.delete(this);
  }
}
