import type { CorpusPrompt } from './corpus.js';

/** Indices of prompts. */
export interface Split {
  /** Everything is fitted on these. */
  readonly train: readonly number[];
  /** Prompts of the same families, never fitted on. */
  readonly test: readonly number[];
  /** A whole family that nothing was fitted on; empty where there is only one. */
  readonly unseen: readonly number[];
}

/**
 * @param testShare of each family but the unseen, spread evenly over it
 * @param unseenFamily default: the last that appears, where there are three or more
 */
export function splitPrompts(
  prompts: readonly CorpusPrompt[],
  testShare: number,
  unseenFamily?: string,
): Split {
  const families = [...new Set(prompts.map(({ family }) => family))];
  const unseenName = unseenFamily ?? (families.length >= 3 ? families.at(-1) : undefined);
  const train: number[] = [];
  const test: number[] = [];
  const unseen: number[] = [];
  const places = placesWithin(prompts.map(({ family }) => family));
  prompts.forEach(({ family }, index) => {
    const before = places[index];
    // Spreads the test prompts evenly (Bresenham).
    const isTest = Math.floor((before + 1) * testShare) > Math.floor(before * testShare);
    if (family === unseenName) unseen.push(index);
    else (isTest ? test : train).push(index);
  });
  return { train, test, unseen };
}

/**
 * @param indices ascending;
 * @returns them with the first of each family before the second of any
 */
export function familiesInTurn(
  indices: readonly number[],
  prompts: readonly CorpusPrompt[],
): number[] {
  const places = placesWithin(indices.map((index) => prompts[index].family));
  return [...indices.keys()].sort((a, b) => places[a] - places[b]).map((at) => indices[at]);
}

/** How many of the same family stand before each. */
function placesWithin(families: readonly string[]): number[] {
  const met = new Map<string, number>();
  return families.map((family) => {
    const place = met.get(family) ?? 0;
    met.set(family, place + 1);
    return place;
  });
}
