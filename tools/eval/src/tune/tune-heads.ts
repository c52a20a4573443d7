import type { DecoderShape } from '@pliant/core';
import type { RetrievalHead } from '@pliant/prompt-compress';
import { type Estimate, estimate } from '@pliant/shared/statistics';
import { type Choice, choicesWithout, chooseByDepth, fewestWithinError } from './cross-validate.js';
import { HeadTable } from './head-table.js';
import type { QuestionReading } from './question-reading.js';

/**
 * Standard errors that a set must gain on the mean head, to be told from chance. More than the
 * usual two: when one document is left out, the others nearly always choose the same heads, so that
 * the gains of documents are not independent. On 20 tables of random worths the quotient went from
 * -2.3 to 3.2.
 */
const clear = 4;

export interface Tuning {
  readonly documents: number;
  readonly questions: number;
  /** Layers. */
  readonly draft: number;
  /** Undefined where no set is clearly better than a head that was not chosen. */
  readonly heads?: readonly RetrievalHead[];
  /**
   * Utility that the chosen heads gain on one that was not chosen, in documents that had no part in
   * the choice of heads and depth.
   */
  readonly gain: Estimate;
  /** Results for a draft of 1, 2, ... layers. */
  readonly byDepth: readonly Choice[];
}

/**
 * Utility that a draft of all layers must gain on one of none, to be worth its time; for fewer
 * layers in proportion.
 */
const price = 0.2;

/**
 * Weighs what a draft finds against the layers that it reads: the fewest whose utility, less their
 * price, is not below that of the best number of layers by more than a standard error; and their
 * heads.
 * @param readings of three documents or more
 * @param modelLayers of the whole model, of which the readings may have the first `layers`
 */
export function tuneHeads(
  readings: readonly QuestionReading[],
  { layers, heads }: Pick<DecoderShape, 'layers' | 'heads'>,
  modelLayers: number,
): Tuning {
  const table = new HeadTable(readings, layers, heads);
  const byDepth = chooseByDepth(table);
  const worth = byDepth.map((choice) =>
    choice.utility.map((utility) => utility - (price * choice.layers) / modelLayers),
  );
  const chosen = byDepth[fewestWithinError(worth)];
  const gain = estimate(
    choicesWithout(worth).map((depth, document) => byDepth[depth].gain[document]),
  );
  return {
    documents: new Set(table.documents).size,
    questions: table.questions,
    draft: chosen.layers,
    ...(gain.mean > clear * gain.standardError && { heads: chosen.heads }),
    gain,
    byDepth: byDepth.map(({ utility: _, gain: __, ...choice }) => choice),
  };
}
