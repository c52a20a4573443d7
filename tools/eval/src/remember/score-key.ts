import type { ScoresRequest } from '@pliant/core';

/**
 * Equal for requests that one forward answers equally.
 * @param layers of the model: what a request without `layers` asks for
 */
export function scoreKey(request: ScoresRequest, layers: number): string {
  const all = Array.from({ length: layers }, (_, layer) => layer);
  const { rowWeights, ...rest } = request;
  const known: Record<string, unknown> = { layers: all, ...rest };
  // When the scores are taken is the pipeline's affair; the forward ignores it.
  delete known.chunks;
  if (rowWeights) known.rowWeights = [...rowWeights];
  return JSON.stringify(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The request for a forward of `tokens` rows, where it asks for more. */
export function capRows(request: ScoresRequest, tokens: number): ScoresRequest {
  if (request.rows <= tokens) return request;
  const { rowWeights } = request;
  return {
    ...request,
    rows: tokens,
    ...(rowWeights && { rowWeights: rowWeights.slice(-tokens) }),
  };
}
