/**
 * Uniform doubles in (0, 1), 52 bits, from sfc32 (C. Doty-Humphrey, PractRand) seeded by `seed` and
 * `stream`.
 */
export function randomStream(seed: number, stream: string): () => number {
  // FNV-1a over seed and stream name gives well separated starting states.
  let hash = 0x811c9dc5;
  for (const char of `${seed}/${stream}`) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  let a = hash >>> 0;
  let b = Math.imul(hash, 0x9e3779b1) >>> 0;
  let c = (hash ^ 0xdeadbeef) >>> 0;
  let counter = 1;
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  };
  for (let i = 0; i < 15; i++) next();
  // 52 bits and a half: never 0, never 1.
  return () => ((next() >>> 6) * 67108864 + (next() >>> 6) + 0.5) / 4503599627370496;
}
