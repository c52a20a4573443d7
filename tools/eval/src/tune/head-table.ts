import type { RetrievalHead } from '@pliant/prompt-compress';
import type { QuestionReading } from './question-reading.js';

/**
 * The worths that each head gives to the sentences of all questions' documents, one after the
 * other.
 */
export class HeadTable {
  /** [questions + 1], where the sentences of each question begin. */
  readonly offsets: Int32Array;
  /** [sentences], tokens. */
  readonly lengths: Int32Array;
  /** [sentences], 1 where the sentence holds evidence. */
  readonly isEvidence: Uint8Array;
  /** [questions] */
  readonly documents: readonly string[];
  /** Attention of each head, layer by layer: [sentences]. */
  readonly #worths: readonly Float32Array[];

  constructor(
    readings: readonly QuestionReading[],
    readonly layers: number,
    readonly heads: number,
  ) {
    this.offsets = new Int32Array(readings.length + 1);
    for (const [i, { lengths }] of readings.entries())
      this.offsets[i + 1] = this.offsets[i] + lengths.length;
    const sentences = this.offsets[readings.length];
    this.lengths = Int32Array.from(readings.flatMap(({ lengths }) => lengths));
    this.isEvidence = new Uint8Array(sentences);
    for (const [i, { evidence }] of readings.entries())
      for (const sentence of evidence) this.isEvidence[this.offsets[i] + sentence] = 1;
    this.documents = readings.map(({ document }) => document);
    this.#worths = Array.from({ length: layers * heads }, (_, index) => {
      const all = new Float32Array(sentences);
      for (const [i, { lengths, worths }] of readings.entries()) {
        const count = lengths.length;
        all.set(worths.subarray(index * count, (index + 1) * count), this.offsets[i]);
      }
      return all;
    });
  }

  get questions(): number {
    return this.documents.length;
  }

  /** [sentences] */
  worthsOf({ layer, head }: RetrievalHead): Float32Array {
    return this.#worths[layer * this.heads + head];
  }

  /** Every head of the first `layers`. */
  headsWithin(layers: number): RetrievalHead[] {
    return Array.from({ length: layers * this.heads }, (_, i) => ({
      layer: Math.floor(i / this.heads),
      head: i % this.heads,
    }));
  }
}
