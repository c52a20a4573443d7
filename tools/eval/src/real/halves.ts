import type { RealDocument } from './documents.js';

export const halfNames = ['tune', 'report'] as const;
export type Half = (typeof halfNames)[number];

/** Decides the split, with the documents' ids. Another seed would make figures tuned before it worthless. */
const seed = 1;

/**
 * Parts the documents in two: one half to tune on, one only to report. Documents in another language than English and each kind of English ones go by turns
 * to either half, in an order drawn by the seed.
 */
export function halfOf(documents: readonly RealDocument[], half: Half): RealDocument[] {
  const sorted = documents
    .map((document) => ({
      document,
      group: document.language === 'en' ? document.kind : 'other language',
      drawn: hash(`${seed}/${document.id}`),
    }))
    .sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : a.drawn - b.drawn));
  const rest = half === 'tune' ? 0 : 1;
  const chosen = new Set(sorted.filter((_, i) => i % 2 === rest).map(({ document }) => document));
  return documents.filter((document) => chosen.has(document));
}

/** FNV-1a, its bits mixed as MurmurHash3 does at the end: uniform in 32 bits. */
export function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (const character of text)
    bits = Math.imul(bits ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  bits ^= bits >>> 16;
  bits = Math.imul(bits, 0x85ebca6b) >>> 0;
  return (bits ^ (bits >>> 13)) >>> 0;
}
