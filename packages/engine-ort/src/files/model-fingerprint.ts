import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/**
 * SHA-256 over the ONNX file and its weight files, in hexadecimal.
 * @param weights other files than the ONNX file
 * @returns reads the files at the first call
 */
export function fingerprintModel(file: string, weights: readonly string[]): () => Promise<string> {
  let fingerprint: Promise<string> | undefined;
  return () => {
    fingerprint ??= hashFiles([file, ...weights]).catch((error) => {
      // The files may be readable the next time.
      fingerprint = undefined;
      throw error;
    });
    return fingerprint;
  };
}

/** Name and content are kept apart by the digest of each file. */
async function hashFiles(files: readonly string[]): Promise<string> {
  const whole = createHash('sha256');
  for (const file of files) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 }))
      hash.update(chunk);
    whole.update(hash.digest());
  }
  return whole.digest('hex');
}
