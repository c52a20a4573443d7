import { type Pipeline, type Prompt, randomStream } from '@pliant/core';
import type { Constraint } from '../contract/constraint.js';
import { type SmcOptions, smc } from '../smc.js';
import type { SmcResult } from './smc-result.js';
import type { Table } from './table-model.test.support.js';

/** Standard errors between the mean of a sample and what it should be. */
export function standardErrors(sample: readonly number[], expected: number): number {
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const square = sample.reduce((sum, value) => sum + value * value, 0) / sample.length;
  const error = Math.sqrt(Math.max(0, square - mean * mean) / sample.length);
  const off = Math.abs(mean - expected);
  return off < 1e-12 ? 0 : off / error;
}

/** Results under as many seeds. */
export async function repeat(
  runs: number,
  pipeline: Pipeline<'fork', unknown>,
  prompt: Prompt,
  maxNewTokens: number,
  options: SmcOptions,
): Promise<SmcResult[]> {
  const particles = smc(pipeline, options);
  const results: SmcResult[] = [];
  for (let seed = 0; seed < runs; seed++)
    results.push(await particles.generate(prompt, { maxNewTokens, seed }));
  return results;
}

/** The estimate of the total weight of a text, or of all. */
export function massOf({ logMarginal, posterior }: SmcResult, text?: string): number {
  const total = Math.exp(logMarginal);
  if (text === undefined) return total;
  return total * (posterior.find((one) => one.text === text)?.probability ?? 0);
}

/** A Markov chain over symbols and an end, with random probabilities. */
export function randomChain(symbols: string, seed: number): (text: string) => Table {
  const random = randomStream(seed, 'chain');
  const tables = new Map<string, Table>(
    ['', ...symbols].map((last) => {
      const weights = [...symbols, 'EOS'].map((name) => [name, random() ** 2] as const);
      const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
      return [last, Object.fromEntries(weights.map(([name, weight]) => [name, weight / total]))];
    }),
  );
  return (text) => tables.get(text.slice(-1))!;
}

/**
 * A random automaton of 4 states. It notices a dead end only when it is there: some prefixes have
 * no future.
 */
export function randomAutomaton(symbols: string, seed: number): Constraint<number> {
  const random = randomStream(seed, 'automaton');
  const states = 4;
  const transitions = Array.from({ length: states }, () =>
    Array.from(symbols, () => (random() < 0.65 ? Math.floor(random() * states) : -1)),
  );
  const ends = Array.from({ length: states }, () => random() < 0.5);
  ends[Math.floor(random() * states)] = true;
  return {
    name: 'random automaton',
    start: () => 0,
    advance(state, bytes) {
      let at = state;
      for (const byte of bytes) {
        at = at < 0 ? at : transitions[at][symbols.indexOf(String.fromCharCode(byte))];
      }
      return at < 0 ? undefined : at;
    },
    canEnd: (state) => ends[state],
  };
}

export function allows<State>(constraint: Constraint<State>, text: string): boolean {
  let state = constraint.start();
  if (state !== undefined && text.length > 0)
    state = constraint.advance(state, new TextEncoder().encode(text));
  return state !== undefined && constraint.canEnd(state);
}
