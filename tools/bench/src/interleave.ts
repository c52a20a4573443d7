/** Something that is measured again and again. */
export interface Case<Sample> {
  readonly name: string;
  run(): Promise<Sample>;
}

/**
 * Measures cases side by side: A B C, A B C, ... after one unmeasured round, so that a machine that slows down slows all of them.
 * @returns samples by name, one per round
 */
export async function interleave<Sample>(
  cases: readonly Case<Sample>[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(cases.map(({ name }) => [name, []]));
  for (const { run } of cases) await run();
  for (let round = 0; round < rounds; round++)
    for (const { name, run } of cases) samples.get(name)!.push(await run());
  return samples;
}
