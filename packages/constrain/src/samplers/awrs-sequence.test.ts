import { randomStream, StepDistribution } from '@pliant/core';
import { readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { regex } from '../regex.js';
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

/** Texts of a table of next-character probabilities, under a regular expression; weight 0 when cut or dead. */
function draw(
  next: (text: string) => Table,
  pattern: RegExp,
  maxTokens: number,
  n: number,
): Drawn[] {
  const random = randomStream(7, String(pattern));
  const constraint = regex(pattern);
  const utf8 = new TextEncoder();
  const run = (): Drawn => {
    let state = constraint.start()!;
    let [text, logWeight] = ['', 0];
    for (let tokens = 0; tokens < maxTokens; tokens++) {
      const table = Object.entries(next(text));
      const distribution = new StepDistribution(table.length);
      distribution.load(
        Float32Array.from(table, ([, p]) => Math.log(p)),
        { temperature: 1, topK: 0, topP: 1, minP: 0 },
      );
      const from = state;
      const after = (id: number) =>
        table[id][0] === 'EOS'
          ? constraint.canEnd(from)
          : constraint.advance(from, utf8.encode(table[id][0])) !== undefined;
      const choice = awrs(distribution, after, random);
      logWeight += choice.logWeight;
      if (choice.token < 0) break;
      const symbol = table[choice.token][0];
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
    const drawn = draw((text) => lm[text.slice(-1)], /(ab)*/, 5, 20_000);
    const Z = Z_by_max_tokens['5'];
    expect(z(drawn, Z)).toBeLessThan(5);
    expect(z(drawn, 1.1 * Z)).toBeGreaterThan(5);
    for (const [text, share] of Object.entries(posterior['5']))
      expect(z(drawn, share * Z, text), text).toBeLessThan(5);
  });

  it('a first symbol that leads astray: texts follow the local law, weights mend it', () => {
    const { lm, Z, posterior, lcd } = vectors.dead_end;
    const next = (text: string): Table => lm[text] ?? { EOS: 1 };
    const drawn = draw(next, /[AB]c/, 3, 20_000);
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
