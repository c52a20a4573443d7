import type { RetrievalHead } from '@pliant/prompt-compress';
import { type Estimate, estimate } from '@pliant/shared/statistics';
import { aloneUtilities, combine, growHeads } from './choose-heads.js';
import { type EvidencePlaces, evidencePlaces, utilities } from './evidence-place.js';
import type { HeadTable } from './head-table.js';

/** Heads of a set, at most. */
const most = 6;

/**
 * Means over documents; a standard error is that of the documents' means, since questions on one
 * document go together.
 */
export interface Found {
  readonly utility: Estimate;
  /** Share of questions with their evidence after at most so many tokens of better sentences. */
  readonly share150: Estimate;
  readonly share400: Estimate;
  readonly reciprocalRank: Estimate;
}

/** The heads of a draft of so many layers. */
export interface Choice {
  readonly layers: number;
  /** Chosen on all documents. */
  readonly heads: readonly RetrievalHead[];
  /** Utility of the same search in a document that it did not see. */
  readonly heldOut: Found;
  /** Utility of all heads of these layers together. */
  readonly allHeads: Found;
}

/** A choice with the held-out figures that depths are compared by. */
export interface JudgedChoice extends Choice {
  /** [documents] */
  readonly utility: readonly number[];
  /**
   * [documents], less the mean utility of single heads of these layers: what a set gains on a head
   * that was not chosen.
   */
  readonly gain: readonly number[];
}

/** @returns of a draft of 1, 2, ... layers */
export function chooseByDepth(table: HeadTable): JudgedChoice[] {
  const alone = aloneUtilities(table);
  return Array.from({ length: table.layers }, (_, i) => choose(table, i + 1, alone));
}

/**
 * The fewest heads that do no worse than the best number of heads by more than a standard error of
 * the difference, each number judged on documents that were left out of the search.
 */
function choose(table: HeadTable, layers: number, alone: readonly Float64Array[]): JudgedChoice {
  const grow = (fitted: Uint8Array) => growHeads(table, { layers, most, fitted, alone });
  const documents = [...new Set(table.documents)];
  const sizes = Math.min(most, layers * table.heads);
  const heldOut = Array.from({ length: sizes }, () => emptyPlaces(table));
  for (const left of documents) {
    const fitted = Uint8Array.from(table.documents, (document) => (document === left ? 0 : 1));
    const { places } = grow(fitted);
    for (const [size, of] of places.entries())
      copyPlaces(of, heldOut[size], (question) => fitted[question] === 0);
  }
  const bySize = heldOut.map((places) => byDocument(table, utilities(places)));
  const { heads } = grow(new Uint8Array(table.questions).fill(1));
  const judged = emptyPlaces(table);
  for (const [document, size] of choicesWithout(bySize).entries())
    copyPlaces(
      heldOut[size],
      judged,
      (question) => table.documents[question] === documents[document],
    );
  const all = evidencePlaces(table, combine(table, table.headsWithin(layers)));
  const utility = byDocument(table, utilities(judged));
  const single = byDocument(table, meanOf(alone.slice(0, layers * table.heads)));
  return {
    layers,
    heads: heads.slice(0, fewestWithinError(bySize) + 1),
    heldOut: foundBy(table, judged),
    allHeads: foundBy(table, all),
    utility,
    gain: utility.map((value, document) => value - single[document]),
  };
}

/**
 * For each document the option that is chosen without it, so that its figure is not one that it
 * helped to choose.
 * @param values [options][documents]
 */
export function choicesWithout(values: readonly (readonly number[])[]): number[] {
  return values[0].map((_, left) =>
    fewestWithinError(values.map((own) => own.filter((__, document) => document !== left))),
  );
}

/**
 * The first that is not worse than the best by more than a standard error of the difference.
 * @param values of each, by document
 */
export function fewestWithinError(values: readonly (readonly number[])[]): number {
  const means = values.map((own) => estimate(own).mean);
  const best = means.indexOf(Math.max(...means));
  return values.findIndex((own) => {
    const { mean, standardError } = difference(values[best], own);
    return mean <= standardError;
  });
}

function foundBy(table: HeadTable, places: EvidencePlaces): Found {
  const of = (values: Float64Array) => estimate(byDocument(table, values));
  const within = (tokens: number) =>
    of(places.tokensBefore.map((before) => (before <= tokens ? 1 : 0)));
  return {
    utility: of(utilities(places)),
    share150: within(150),
    share400: within(400),
    reciprocalRank: of(places.rank.map((rank) => 1 / rank)),
  };
}

/** Means of the documents' questions, in the order of the documents. */
function byDocument({ documents }: HeadTable, values: Float64Array): number[] {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const [question, document] of documents.entries()) {
    const { sum, count } = sums.get(document) ?? { sum: 0, count: 0 };
    sums.set(document, { sum: sum + values[question], count: count + 1 });
  }
  return [...sums.values()].map(({ sum, count }) => sum / count);
}

function meanOf(values: readonly Float64Array[]): Float64Array {
  return values[0].map((_, i) => values.reduce((sum, own) => sum + own[i], 0) / values.length);
}

function difference(a: readonly number[], b: readonly number[]): Estimate {
  return estimate(a.map((value, i) => value - b[i]));
}

function copyPlaces(
  from: EvidencePlaces,
  to: EvidencePlaces,
  isCopied: (question: number) => boolean,
): void {
  for (let question = 0; question < from.rank.length; question++) {
    if (!isCopied(question)) continue;
    to.tokensBefore[question] = from.tokensBefore[question];
    to.rank[question] = from.rank[question];
  }
}

function emptyPlaces({ questions }: HeadTable): EvidencePlaces {
  return { tokensBefore: new Float64Array(questions), rank: new Float64Array(questions) };
}
