import { randomStream } from '@pliant/core';

/** `skip` different layers of the candidates, drawn by a named stream of the seed. */
export function randomSet(candidates: readonly number[], skip: number, stream: string): number[] {
  const random = randomStream(0, stream);
  const left = [...candidates];
  return Array.from({ length: Math.min(skip, left.length) }, () => {
    const [taken] = left.splice(Math.floor(random() * left.length), 1);
    return taken;
  });
}

/** The numbers 0 to n - 1 in a random order. */
export function shuffledIndices(n: number, stream: string): number[] {
  return randomSet(
    Array.from({ length: n }, (_, i) => i),
    n,
    stream,
  );
}
