/**
 * Bounds of nearly equal chunks of at most `size` tokens; the last one has at least `lastAtLeast`,
 * growing beyond `size` if it must.
 * @returns ascending ends, the last one `total`
 */
export function planChunks(total: number, size: number, lastAtLeast: number): number[] {
  const last = Math.min(total, Math.max(lastAtLeast, Math.ceil(total / Math.ceil(total / size))));
  const rest = total - last;
  const chunks = Math.ceil(rest / size);
  const ends = Array.from({ length: chunks }, (_, i) => Math.round((rest * (i + 1)) / chunks));
  return [...ends, total];
}
