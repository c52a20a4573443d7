/** Something that is measured again and again. */
export interface Case<Sample> {
  readonly name: string;
  run(): Promise<Sample>;
}

/**
 * Measures cases side by side: A B C, B C A, C A B, ... after one unmeasured round. A machine that
 * slows down slows all of them, and what one leaves behind meets each of the others.
 * @returns samples by name, one per round
 */
export async function interleave<Sample>(
  cases: readonly Case<Sample>[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(cases.map(({ name }) => [name, []]));
  for (const { run } of cases) await run();
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < cases.length; turn++) {
      const { name, run } = cases[(round + turn) % cases.length];
      samples.get(name)!.push(await run());
    }
  return samples;
}
