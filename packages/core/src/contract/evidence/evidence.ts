import { type BlockInfluencesEvidence, blockInfluences } from './block-influences.js';
import type { Chunk, EvidenceForward, EvidenceRow } from './evidence-row.js';
import { type HiddenMeansEvidence, hiddenMeans } from './hidden-means.js';
import { type HiddenRowsEvidence, hiddenRows } from './hidden-rows.js';
import { type ScoresEvidence, scores } from './scores.js';

/**
 * The evidence that a forward can return besides logits, under the name by which `want` asks for
 * it. A new kind takes a file beside this one, a line here and one in `evidence`. The mock decoder
 * and the engine do not compile until they compute it.
 */
export interface Evidences {
  /**
   * Attention over the cache, by name (the asking middleware's), so that several may ask. Gives
   * under the same name layer -> [kvHeads, T] or [heads, T], T the rows of that layer after the
   * forward. Needs `scores`.
   */
  scores: ScoresEvidence;
  /**
   * Mean over the new tokens of each layer's normalised input: [layers, hidden], 0 for a skipped
   * layer. Needs `hidden.means`.
   */
  hiddenMeans: HiddenMeansEvidence;
  /** How much each layer changes the hidden state. Needs `block.influences`. */
  blockInfluences: BlockInfluencesEvidence;
  /**
   * Hidden states of the last new tokens after chosen numbers of layers, by name (the asking
   * middleware's), so that several may ask. Gives under the same name number of layers -> [rows,
   * hidden]. Needs `hidden.rows`.
   */
  hiddenRows: HiddenRowsEvidence;
}

export type EvidenceName = keyof Evidences;
export type EvidenceCapability = Evidences[EvidenceName]['capability'];
export type EvidenceWant = { readonly [E in keyof Evidences]?: Evidences[E]['want'] };
export type EvidenceGiven = { readonly [E in keyof Evidences]?: Evidences[E]['gives'] };

/** Every kind of evidence. */
export const evidence: { readonly [E in EvidenceName]: EvidenceRow<Evidences[E]> } = {
  scores,
  hiddenMeans,
  blockInfluences,
  hiddenRows,
};

export const evidenceNames = Object.keys(evidence) as readonly EvidenceName[];

/** The kinds of evidence that a forward is asked for. */
export function evidenceWanted(want: EvidenceWant = {}): EvidenceName[] {
  return evidenceNames.filter((name) => evidence[name].isWanted(want[name] as never));
}

/** @throws what `forward.refuse` makes, for the first wrong request */
export function checkEvidence(want: EvidenceWant, forward: EvidenceForward): void {
  for (const name of evidenceWanted(want))
    evidence[name].check?.(want[name] as never, `want.${name}`, forward);
}

/**
 * The part of a prefill's request that one chunk is asked for. Has a key for every kind, undefined
 * if the chunk is not asked for it.
 */
export function evidenceOfChunk(want: EvidenceWant, chunk: Chunk): EvidenceWant {
  const wanted = new Set(evidenceWanted(want));
  return byName(evidenceNames, (name) =>
    wanted.has(name) ? evidence[name].inChunk(want[name] as never, chunk) : undefined,
  );
}

/** Tokens that the last chunk of a prefill must have: 1 or more. */
export function rowsOfLastChunk(want: EvidenceWant): number {
  const rows = evidenceWanted(want).map(
    (name) => evidence[name].rowsOfLastChunk?.(want[name] as never) ?? 1,
  );
  return Math.max(1, ...rows);
}

/**
 * Pools the evidence of two forwards, as if they had been one. Later scores and hidden rows replace
 * earlier ones.
 * @param share of the tokens of both that are `next`'s: above 0, at most 1
 * @returns the kinds that `next` has
 */
export function poolEvidence(
  before: EvidenceGiven,
  next: EvidenceGiven,
  share: number,
): EvidenceGiven {
  const given = evidenceNames.filter((name) => next[name] !== undefined);
  return byName(given, (name) =>
    evidence[name].pool(before[name] as never, next[name] as never, share),
  );
}

function byName(names: readonly EvidenceName[], take: (name: EvidenceName) => unknown): object {
  return Object.fromEntries(names.map((name) => [name, take(name)]));
}
