export const halfNames = ['tune', 'report'] as const;
export type Half = (typeof halfNames)[number];

/** The documents to tune on, or those only to report on. */
export function halfOf<Document extends { readonly half: Half }>(
  documents: readonly Document[],
  half: Half,
): Document[] {
  return documents.filter((document) => document.half === half);
}
