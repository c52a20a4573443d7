import { randomStream, StepDistribution } from '@pliant/core';
import { readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { regex } from '../constraints/regex.js';
import { awrs } from './awrs.js';

type Table = Record<string, number>;
const vectors = readJson<{
  dead_end: { lm: Record<string, Table>; Z: number; posterior: Table; lcd: Table };
  ab_star: { lm: Record<string, Table>; Z_by_max_tokens: Table; posterior: Record<string, Table> };
}>('vectors/awrs-vectors.json');

interface Drawn {
  readonly text: string;
  readonly weight: number;
}

function prepare(table: Table) {
  return {
    symbols: Object.keys(table),
    logits: Float32Array.from(Object.values(table), Math.log),
    distribution: new StepDistribution(Object.keys(table).length),
  };
}

/**
 * Texts of a table of next-character probabilities, under a regular expression; weight 0 when cut
 * or dead.
 */
function draw(
  next: (text: string) => Table,
  pattern: RegExp,
  maxTokens: number,
  n: number,
): Drawn[] {
  const random = randomStream(7, String(pattern));
  const constraint = regex(pattern);
  const utf8 = new TextEncoder();
  const prepared = new Map<Table, ReturnType<typeof prepare>>();
  const run = (): Drawn => {
    let state = constraint.start()!;
    let [text, logWeight] = ['', 0];
    for (let tokens = 0; tokens < maxTokens; tokens++) {
      const table = next(text);
      if (!prepared.has(table)) prepared.set(table, prepare(table));
      const { symbols, logits, distribution } = prepared.get(table)!;
      distribution.load(logits, { temperature: 1, topK: 0, topP: 1, minP: 0 });
      const from = state;
      const after = (id: number) =>
        symbols[id] === 'EOS'
          ? constraint.canEnd(from)
          : constraint.advance(from, utf8.encode(symbols[id])) !== undefined;
      const choice = awrs(distribution, after, random);
      logWeight += choice.logWeight;
      if (choice.token < 0) break;
      const symbol = symbols[choice.token];
      if (symbol === 'EOS') return { text, weight: Math.exp(logWeight) };
      text += symbol;
      state = constraint.advance(state, utf8.encode(symbol))!;
    }
    return { text, weight: 0 };
  };
  return Array.from({ length: n }, run);
}

/** Standard errors between the mean weight of a text (of all texts) and what it should be. */
function z(drawn: readonly Drawn[], expected: number, text?: string): number {
  const values = drawn.map((one) => (text === undefined || one.text === text ? one.weight : 0));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  return Math.abs(mean - expected) / Math.sqrt((square - mean * mean) / values.length);
}

describe('sequences', () => {
  it('(ab)*: the mean weights of texts are their masses', () => {
    const { lm, Z_by_max_tokens, posterior } = vectors.ab_star;
    const drawn = draw((text) => lm[text.slice(-1)], /(ab)*/, 5, 8_000);
    const Z = Z_by_max_tokens['5'];
    expect(z(drawn, Z)).toBeLessThan(5);
    expect(z(drawn, 1.1 * Z)).toBeGreaterThan(5);
    for (const [text, share] of Object.entries(posterior['5']))
      expect(z(drawn, share * Z, text), text).toBeLessThan(5);
  });

  it('a first symbol that leads astray: texts follow the local law, weights mend it', () => {
    const { lm, Z, posterior, lcd } = vectors.dead_end;
    const end = { EOS: 1 };
    const drawn = draw((text) => lm[text] ?? end, /[AB]c/, 3, 8_000);
    expect(z(drawn, Z)).toBeLessThan(5);
    for (const [text, share] of Object.entries(posterior)) {
      expect(z(drawn, share * Z, text), text).toBeLessThan(5);
      const count = drawn.filter((one) => one.text === text).length / drawn.length;
      expect(Math.abs(count - lcd[text])).toBeLessThan(0.01);
      // The texts alone, unweighted, are far from the posterior.
      expect(Math.abs(count - share)).toBeGreaterThan(0.5);
    }
  });
});
