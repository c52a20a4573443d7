import type { Engine } from './forward/engine.js';
import type { OpenSequences } from './forward/open-sequences.js';

/**
 * Holds what a decoder must give back. It has no reference to the decoder, so a forgotten decoder
 * can be collected.
 */
export class Resources {
  #closed = false;
  readonly #closers = new Set<() => Promise<void> | void>();

  constructor(readonly id: string) {}

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs at close, the latest first. @returns takes it back */
  add(close: () => Promise<void> | void): () => void {
    this.#closers.add(close);
    return () => this.#closers.delete(close);
  }

  addEngine(engine: Engine, sequences: OpenSequences): void {
    this.add(() => engine.close());
    this.add(() => sequences.closeAll());
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const close of [...this.#closers].reverse()) await close();
  }
}

interface Watched {
  readonly resources: Resources;
  readonly warns: boolean;
}

const forgotten = new FinalizationRegistry<Watched>(({ resources, warns }) => {
  if (resources.closed) return;
  if (warns)
    process.emitWarning(
      `decoder '${resources.id}' was dropped without close(); its memory is freed only now`,
      { type: 'PliantWarning', code: 'PLIANT_DECODER_NOT_CLOSED' },
    );
  resources.close().catch((error: Error) => process.emitWarning(error));
});

/**
 * Closes the resources of an owner that was collected before they were closed.
 * @param warns whether to warn. False for a draft: its decoder closes it, and usually only a
 * middleware holds a reference
 */
export function watch(owner: object, resources: Resources, warns: boolean): void {
  forgotten.register(owner, { resources, warns });
}
