import { randomStream } from '@pliant/core';

/** Standard normal values of a named stream with seed 0 (Box and Muller). */
export function normal(stream: string): () => number {
  const random = randomStream(0, stream);
  return () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}
