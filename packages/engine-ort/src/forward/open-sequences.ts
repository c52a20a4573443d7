import type { RuntimeSession } from '../runtime/runtime.js';
import type { OrtSequence } from './sequence.js';

const forgotten = new FinalizationRegistry<() => void>((report) => report());

/** The sequences of a decoder that are not closed, without keeping them alive. */
export class OpenSequences {
  readonly #open = new Set<WeakRef<OrtSequence>>();
  readonly #references = new WeakMap<OrtSequence, WeakRef<OrtSequence>>();

  add(sequence: OrtSequence): void {
    const reference = new WeakRef(sequence);
    this.#open.add(reference);
    this.#references.set(sequence, reference);
    forgotten.register(sequence, reporter(this.#open, reference), sequence);
  }

  delete(sequence: OrtSequence): void {
    const reference = this.#references.get(sequence);
    if (reference) this.#open.delete(reference);
    forgotten.unregister(sequence);
  }

  /** Sessions that sequences hold. */
  *sessions(): Generator<RuntimeSession> {
    for (const reference of this.#open) yield* reference.deref()?.sessions ?? [];
  }

  closeAll(): void {
    for (const reference of this.#open) reference.deref()?.close();
    this.#open.clear();
  }
}

/** Apart from `add`, whose sequence it must not keep alive. */
function reporter(open: Set<WeakRef<OrtSequence>>, reference: WeakRef<OrtSequence>): () => void {
  return () => {
    if (!open.delete(reference)) return;
    process.emitWarning('a sequence was dropped without close(); its cache is freed only now', {
      type: 'PliantWarning',
      code: 'PLIANT_SEQUENCE_NOT_CLOSED',
    });
  };
}
