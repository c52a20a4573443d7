import type { RealDocument } from './documents.js';

export const halfNames = ['tune', 'report'] as const;
export type Half = (typeof halfNames)[number];

/** The documents to tune on, or those only to report on. */
export function halfOf(documents: readonly RealDocument[], half: Half): RealDocument[] {
  return documents.filter((document) => document.half === half);
}
