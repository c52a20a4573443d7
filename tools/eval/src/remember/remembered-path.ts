import {
  type ForwardInput,
  type ForwardOutput,
  type ScoresRequest,
  type Sequence,
  StateError,
} from '@pliant/core';
import { evidenceWanted } from '@pliant/core/engine';
import { capRows, scoreKey } from './score-key.js';

type LayerScores = ReadonlyMap<number, Float32Array>;

/** One forward: what was read and what came of it. */
interface Step {
  readonly ids: Int32Array;
  /** Rows of every layer after it. */
  readonly rows: number;
  /** [V], of the last row. */
  readonly logits: Float32Array;
  /** By `scoreKey`. */
  readonly scores: ReadonlyMap<string, LayerScores>;
}

/** Forwards that followed each other from the first token on, and the sequence that ran them. */
export class RememberedPath {
  readonly #steps: Step[] = [];
  /** A copy of the sequence, ready for whoever leaves the path: `edit` cannot wait for one. */
  #spare: Sequence | undefined;

  /**
   * @param sequence empty; the path's own from now on
   * @param requests asked for in every forward, their rows capped to those of the forward
   */
  constructor(
    private readonly sequence: Sequence,
    private readonly requests: readonly ScoresRequest[],
    private readonly layers: number,
  ) {}

  /** Rows after `depth` forwards. */
  rowsAt(depth: number): number {
    return depth === 0 ? 0 : this.#steps[depth - 1].rows;
  }

  /**
   * The cache as it is now; its first `rowsAt(depth)` rows are what it was after `depth` forwards.
   */
  get cache() {
    return this.sequence.cache;
  }

  /** Whether the path begins with these ids, or has not begun. */
  beginsWith(ids: Int32Array): boolean {
    return this.#steps.length === 0 || sameIds(this.#steps[0].ids, ids);
  }

  /**
   * The output of a forward after `depth` others: remembered, or run now at the path's end.
   * @returns undefined where the path goes elsewhere, or does not have what is wanted
   */
  async forward(depth: number, input: ForwardInput): Promise<ForwardOutput | undefined> {
    const { want = {}, positions, layers } = input;
    if (positions || layers || want.logits === 'all' || want.stepwise) return undefined;
    if (evidenceWanted(want).some((name) => name !== 'scores')) return undefined;
    if (depth === this.#steps.length) await this.#run(input);
    const step = this.#steps[depth];
    const asked = Object.entries(want.scores ?? {});
    const known = asked.map(([, request]) => step.scores.get(scoreKey(request, this.layers)));
    if (!sameIds(step.ids, input.ids) || known.includes(undefined)) return undefined;
    await this.#spareFor(step.rows);
    return {
      // Copies: readers may write into them.
      logits: want.logits === 'none' ? new Float32Array(0) : step.logits.slice(),
      ...(asked.length > 0 && {
        scores: Object.fromEntries(asked.map(([name], i) => [name, copyOf(known[i]!)])),
      }),
    };
  }

  /** `forkAt` at once, after a forward. @throws StateError when another sequence left since then */
  leave(depth: number): Sequence {
    const left = this.#spare;
    this.#spare = undefined;
    if (!left)
      throw new StateError(
        'two sequences leave a remembered path at once; run one after the other',
      );
    return this.#cut(left, depth);
  }

  /** A copy as it was after `depth` forwards. */
  async forkAt(depth: number): Promise<Sequence> {
    return this.#cut(await this.sequence.fork(), depth);
  }

  close(): void {
    this.#spare?.close();
    this.sequence.close();
  }

  async #run(input: ForwardInput): Promise<void> {
    const { ids, signal, want } = input;
    const requests = new Map(
      [
        ...this.requests.map((request) => capRows(request, ids.length)),
        ...Object.values(want?.scores ?? {}),
      ].map((request) => [scoreKey(request, this.layers), request]),
    );
    const output = await this.sequence.forward({
      ids,
      signal,
      want: { logits: 'last', ...(requests.size > 0 && { scores: Object.fromEntries(requests) }) },
    });
    this.#steps.push({
      ids: ids.slice(),
      rows: this.rowsAt(this.#steps.length) + ids.length,
      logits: output.logits.slice(),
      scores: new Map(Object.entries(output.scores ?? {})),
    });
  }

  #cut(copy: Sequence, depth: number): Sequence {
    const rows = this.rowsAt(depth);
    if (copy.cache.nextPosition > rows) copy.edit({ truncate: rows });
    return copy;
  }

  async #spareFor(rows: number): Promise<void> {
    if (this.#spare && this.#spare.cache.nextPosition >= rows) return;
    this.#spare?.close();
    this.#spare = await this.sequence.fork();
  }
}

function sameIds(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}

function copyOf(scores: LayerScores): LayerScores {
  return new Map([...scores].map(([layer, values]) => [layer, values.slice()]));
}
