import type { Effect, Measurements } from '../measure/measurements.js';
import type { Method } from './methods.js';

/** Effects of a method's sets, prompt by prompt. */
export interface Evaluation {
  readonly method: string;
  readonly skip: number;
  /** In the order of the prompts. */
  readonly effects: readonly Effect[];
}

/** Measures every method on the prompts, each prompt read once. */
export async function evaluateMethods(
  measurements: Measurements,
  methods: readonly Method[],
  prompts: readonly number[],
): Promise<Evaluation[]> {
  const cells = methods.flatMap((method) => method.counts.map((skip) => ({ method, skip })));
  const effects: Effect[][] = cells.map(() => []);
  for (const prompt of prompts) {
    for (const [cell, { method, skip }] of cells.entries()) {
      const set = method.choose(prompt, skip);
      effects[cell].push(...(await measurements.effects(prompt, [set], method.scaled)));
    }
  }
  return cells.map(({ method, skip }, cell) => ({
    method: method.name,
    skip,
    effects: effects[cell],
  }));
}

export function effectsOf(
  evaluations: readonly Evaluation[],
  method: string,
  skip: number,
): readonly Effect[] {
  const found = evaluations.find((one) => one.method === method && one.skip === skip);
  if (!found) throw new RangeError(`${method} was not evaluated with ${skip} layers`);
  return found.effects;
}
