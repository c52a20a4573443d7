import type { Question, RealDocument } from './documents.js';

export const placeNames = ['first third', 'middle third', 'last third'] as const;
export type Place = (typeof placeNames)[number];

/**
 * Third of a document in which the evidence stands, by the middle of its first passage in
 * characters.
 */
export function placeOf({ evidence: [passage] }: Question, { text }: RealDocument): Place {
  const middle = text.indexOf(passage) + passage.length / 2;
  return placeNames[Math.floor((3 * middle) / text.length)];
}
