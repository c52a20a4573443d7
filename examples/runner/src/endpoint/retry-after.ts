/** How often a server that is busy is asked again. */
export const mostRetries = 2;

const longest = 30_000;

/**
 * Milliseconds to wait before asking again. Undefined if that is useless: for other answers than
 * 429 and 503, and if the server wants more than 30 seconds.
 * @param header `Retry-After`, in seconds or as a date; without it 1 second, then 2
 * @param retries made so far
 */
export function retryAfter(
  status: number,
  header: string | null,
  retries: number,
): number | undefined {
  if ((status !== 429 && status !== 503) || retries >= mostRetries) return undefined;
  if (header === null) return 1000 * 2 ** retries;
  const wait = /^\d+$/.test(header.trim())
    ? 1000 * Number(header)
    : Date.parse(header) - Date.now();
  if (Number.isNaN(wait)) return 1000 * 2 ** retries;
  return wait > longest ? undefined : Math.max(0, wait);
}
