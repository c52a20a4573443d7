import {
  type EvidenceGiven,
  type EvidenceName,
  type Evidences,
  type EvidenceWant,
  evidenceWanted,
} from '../../../contract/evidence/evidence.js';
import type { Observers } from '../model/mock-model.js';
import type { EvidenceObserver, MockForward } from './evidence-observer.js';
import { BlockChanges } from './mock-block-changes.js';
import { HiddenMeans } from './mock-hidden-means.js';
import { HiddenRows } from './mock-hidden-rows.js';
import { RequestedScores } from './mock-requested-scores.js';

/** How the mock decoder computes each kind of evidence. */
const observers: {
  readonly [E in EvidenceName]: (
    forward: MockForward,
    want: Evidences[E]['want'],
  ) => EvidenceObserver<E>;
} = {
  scores: (forward, want) => new RequestedScores(forward, want),
  hiddenMeans: (forward) => new HiddenMeans(forward),
  blockInfluences: (forward) => new BlockChanges(forward),
  hiddenRows: (forward, want) => new HiddenRows(forward, want),
};

/** Gathers all the evidence that a forward is asked for. */
export class MockEvidence {
  readonly #observers: readonly (readonly [EvidenceName, EvidenceObserver<EvidenceName>])[];

  constructor(forward: MockForward, want: EvidenceWant) {
    this.#observers = evidenceWanted(want).map((name) => [
      name,
      observers[name](forward, want[name] as never),
    ]);
  }

  /** Observers of the new token `token`. A kind of call that no evidence needs is absent. */
  observersOf(token: number): Observers {
    const attention = this.#watching('attention');
    const change = this.#watching('change');
    const state = this.#watching('state');
    return {
      ...(attention.length > 0 && {
        attention: (...seen) => {
          for (const observer of attention) observer.attention!(token, ...seen);
        },
      }),
      ...(change.length > 0 && {
        change: (...seen) => {
          for (const observer of change) observer.change!(token, ...seen);
        },
      }),
      ...(state.length > 0 && {
        state: (...seen) => {
          for (const observer of state) observer.state!(token, ...seen);
        },
      }),
    };
  }

  result(): EvidenceGiven {
    return Object.fromEntries(this.#observers.map(([name, observer]) => [name, observer.result()]));
  }

  #watching(what: 'attention' | 'change' | 'state'): EvidenceObserver<EvidenceName>[] {
    return this.#observers.map(([, observer]) => observer).filter((observer) => observer[what]);
  }
}
