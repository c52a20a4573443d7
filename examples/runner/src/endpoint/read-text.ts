/** A body of UTF-8 text, as far as it was read. */
export interface ReadText {
  readonly text: string;
  /** Whether that is all of it. */
  readonly whole: boolean;
}

/** Reads `limit` bytes of the body at most; what comes after them is not waited for. */
export async function readText({ body }: Response, limit: number): Promise<ReadText> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop cancels the transfer.
    if (bytes > limit) break;
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, limit));
  return { text, whole: bytes <= limit };
}
