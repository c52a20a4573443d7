import type { EncodedPrompt, Middleware } from '@pliant/core';

/** The share of the evidence's bytes that a shortened prompt still holds, 0 to 1. */
export function evidenceKept(
  { text, byteStart, byteEnd }: Pick<EncodedPrompt, 'text' | 'byteStart' | 'byteEnd'>,
  document: string,
  evidence: readonly string[],
): number {
  const at = text.indexOf(document);
  if (at < 0) throw new Error('the document does not stand in the prompt as it was given');
  let bytes = 0;
  let kept = 0;
  for (const passage of evidence) {
    const offset = at + document.indexOf(passage);
    const from = Buffer.byteLength(text.slice(0, offset));
    const to = from + Buffer.byteLength(passage);
    bytes += to - from;
    for (const [token, begin] of byteStart.entries())
      kept += Math.max(0, Math.min(to, byteEnd[token]) - Math.max(from, begin));
  }
  return kept / bytes;
}

/** Reports `evidenceKept` of the prompt that the middlewares installed before it leave. */
export function watchEvidence(
  document: string,
  evidence: readonly string[],
  report: (share: number) => void,
): Middleware {
  return {
    specificationVersion: 'v1',
    name: 'watch-evidence',
    requires: [],
    create: () => ({
      prompt(prompt, next) {
        report(evidenceKept(prompt, document, evidence));
        return next(prompt);
      },
    }),
  };
}
