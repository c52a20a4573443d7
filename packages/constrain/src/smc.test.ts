import { type Middleware, pipeline } from '@pliant/core';
import { readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { awrs, constrain, regex } from './index.js';
import type { Critic } from './smc/critic.js';
import {
  allows,
  massOf,
  randomAutomaton,
  randomChain,
  repeat,
  standardErrors,
} from './smc/estimates.test.support.js';
import { resamplingMethods } from './smc/resample.js';
import type { SmcResult } from './smc/smc-result.js';
import { enumerate, type Table, tableModel } from './smc/table-model.test.support.js';
import type { SmcOptions } from './smc.js';

const vectors = readJson<{
  dead_end: {
    lm: Record<string, Table>;
    Z: number;
    posterior: Table;
    lcd: Table;
    E_normalised_weight_Ac_no_resampling_mask_weights: Record<string, number>;
  };
  ab_star: {
    lm: Record<string, Table>;
    Z_by_max_tokens: Table;
    posterior: Record<string, Table>;
    lcd: Record<string, Table>;
  };
}>('vectors/awrs-vectors.json');

const share = ({ posterior }: SmcResult, text: string) =>
  posterior.find((one) => one.text === text)?.probability ?? 0;
const counted = ({ particles }: SmcResult, text: string) =>
  particles.filter((one) => one.text === text && one.finishReason === 'stop').length /
  particles.length;

describe('a first symbol that leads astray', () => {
  const {
    lm,
    Z,
    posterior,
    lcd,
    E_normalised_weight_Ac_no_resampling_mask_weights: means,
  } = vectors.dead_end;
  const { decoder, tokenizer, prompt } = tableModel('ABcd', (text) => lm[text] ?? { EOS: 1 });
  const stack = pipeline(decoder, { tokenizer }).use(constrain(regex(/[AB]c/)));

  it.each([
    [1, 200],
    [2, 600],
    [4, 120],
    [8, 60],
    [16, 40],
    [32, 30],
  ])('%i particles weigh it as tabulated', async (particles, runs) => {
    const results = await repeat(runs, stack, prompt, 3, { particles, essThreshold: 0 });
    const shares = results.map((result) => share(result, 'Ac'));
    expect(standardErrors(shares, means[particles])).toBeLessThan(5);
    const totals = results.map((result) => massOf(result));
    expect(standardErrors(totals, Z)).toBeLessThan(5);
    expect(standardErrors(totals, 2 * Z)).toBeGreaterThan(5);
    if (particles > 1) expect(standardErrors(shares, lcd.Ac)).toBeGreaterThan(5);
  });

  it.each(resamplingMethods)(
    '%s resampling turns particles to what ends well',
    async (resampling) => {
      const options = { particles: 64, essThreshold: 0.5, resampling };
      const results = await repeat(20, stack, prompt, 3, options);
      for (const text of ['Ac', 'Bc'] as const) {
        const masses = results.map((result) => massOf(result, text));
        expect(standardErrors(masses, posterior[text] * Z)).toBeLessThan(5);
      }
      // Resampled particles follow the posterior themselves; those that choose locally follow
      // another law.
      const counts = results.map((result) => counted(result, 'Ac'));
      expect(standardErrors(counts, lcd.Ac)).toBeGreaterThan(5);
      expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeLessThan(0.2);
      expect(results.every(({ metrics }) => metrics.resamplings > 0)).toBe(true);
    },
  );
});

describe('(ab)*', () => {
  const { lm, Z_by_max_tokens, posterior, lcd } = vectors.ab_star;
  const { decoder, tokenizer, prompt } = tableModel('ab', (text) => lm[text.slice(-1)]);
  const stack = pipeline(decoder, { tokenizer }).use(constrain(regex(/(ab)*/)));

  it.each(['3', '5'])('has the tabulated masses up to %s tokens', async (maxTokens) => {
    for (const essThreshold of [0, 0.5, 1]) {
      const options = { particles: 8, essThreshold };
      const results = await repeat(150, stack, prompt, Number(maxTokens), options);
      const Z = Z_by_max_tokens[maxTokens];
      const totals = results.map((result) => massOf(result));
      expect(standardErrors(totals, Z)).toBeLessThan(5);
      expect(standardErrors(totals, 1.2 * Z)).toBeGreaterThan(5);
      for (const [text, probability] of Object.entries(posterior[maxTokens])) {
        const masses = results.map((result) => massOf(result, text));
        expect(standardErrors(masses, probability * Z), text).toBeLessThan(5);
      }
      // The law of tokens chosen one by one, without weights, is another.
      const ends = results.map((result) => share(result, ''));
      expect(standardErrors(ends, lcd[maxTokens][''])).toBeGreaterThan(5);
    }
  });

  it('never gives weight to a text that was cut', async () => {
    const results = await repeat(100, stack, prompt, 4, { particles: 4 });
    const totals = results.map((result) => massOf(result));
    expect(standardErrors(totals, Z_by_max_tokens['4'])).toBeLessThan(5);
    for (const { particles } of results)
      for (const { text, finishReason, probability, logWeight } of particles)
        if (finishReason === 'length') {
          expect([probability, logWeight]).toEqual([0, Number.NEGATIVE_INFINITY]);
          expect(text.length).toBe(4);
        }
    expect(results.some(({ metrics }) => metrics.dead > 0)).toBe(true);
  });
});

describe('random models under random automata', () => {
  const symbols = 'abc';
  const maxTokens = 5;
  /** Prefers texts with many `a`, and says so early. */
  const likesA: Critic = {
    complete: ({ text }) => 0.7 * text.split('a').length - 1,
    prefix: ({ text }) => 0.7 * text.split('a').length - 1,
  };

  function model(seed: number, critic?: Critic) {
    const next = randomChain(symbols, seed);
    const constraint = randomAutomaton(symbols, seed);
    const masses = new Map<string, number>();
    for (const [text, probability] of enumerate(symbols, next, maxTokens))
      if (allows(constraint, text)) {
        const weight = critic ? Math.exp(critic.complete({ text, tokens: [] }) as number) : 1;
        masses.set(text, probability * weight);
      }
    const { decoder, tokenizer, prompt } = tableModel(symbols, next);
    const plain = pipeline(decoder, { tokenizer });
    const Z = [...masses.values()].reduce((sum, mass) => sum + mass, 0);
    return { plain, stack: plain.use(constrain(constraint)), prompt, masses, Z, constraint };
  }

  /** Another model for each case, with some allowed texts. */
  function modelOfCase(index: number, critic?: Critic) {
    let seed = 100 * index;
    while (model(seed).masses.size < 3) seed++;
    return model(seed, critic);
  }

  const cases = resamplingMethods.flatMap((resampling) =>
    [undefined, likesA].flatMap((critic) =>
      [0, 0.5, 1].map((essThreshold) => ({
        resampling,
        essThreshold,
        critic,
        name: `${resampling}, ess ${essThreshold}, ${critic ? 'a critic' : 'no critic'}`,
      })),
    ),
  );

  it.each(cases)('$name: the total and every text have their mass on average', async (options) => {
    const { resampling, essThreshold, critic } = options;
    const { stack, prompt, masses, Z } = modelOfCase(cases.indexOf(options), critic);
    for (const [particles, runs] of [
      [1, 200],
      [2, 100],
      [8, 40],
    ]) {
      const settings: SmcOptions = { particles, resampling, essThreshold, critic };
      const results = await repeat(runs, stack, prompt, maxTokens, settings);
      const totals = results.map((result) => massOf(result));
      expect(standardErrors(totals, Z), `${particles} particles`).toBeLessThan(5);
      for (const [text, mass] of masses) {
        // A text that hardly comes up has no standard error to speak of.
        if (mass * particles * runs < 20) continue;
        const estimates = results.map((result) => massOf(result, text));
        expect(standardErrors(estimates, mass), `${particles}: ${text}`).toBeLessThan(5);
      }
      for (const { posterior } of results)
        for (const { text } of posterior) expect(masses.has(text), text).toBe(true);
    }
  });

  it('notices weights that were forgotten', async () => {
    const { plain, prompt, Z, constraint } = model(11);
    const unweighted: Middleware<'constrain'> = {
      specificationVersion: 'v1',
      name: 'constrain',
      requires: [],
      create: (run) => ({
        choose(distribution) {
          const text = run.tokenizer.decode([...run.generated]);
          const choice = awrs(
            distribution,
            (id) =>
              run.tokenizer.endOfText.has(id)
                ? allows(constraint, text)
                : !run.tokenizer.special.has(id) &&
                  isAlive(constraint, text + run.tokenizer.decode([id])),
            run.random,
          );
          return choice.token < 0 ? choice : { ...choice, logWeight: 0 };
        },
      }),
    };
    const results = await repeat(300, plain.use(unweighted), prompt, maxTokens, { particles: 8 });
    expect(
      standardErrors(
        results.map((result) => massOf(result)),
        Z,
      ),
    ).toBeGreaterThan(5);
  });

  it('comes closer to the posterior with more particles', async () => {
    const { stack, prompt, masses, Z } = model(13);
    const distance = async (particles: number) => {
      const results = await repeat(30, stack, prompt, maxTokens, { particles });
      const distances = results.map((result) =>
        [...masses].reduce(
          (sum, [text, mass]) => sum + Math.abs(share(result, text) - mass / Z) / 2,
          0,
        ),
      );
      return distances.reduce((sum, value) => sum + value, 0) / distances.length;
    };
    expect(await distance(32)).toBeLessThan(0.6 * (await distance(4)));
  });
});

function isAlive(constraint: ReturnType<typeof randomAutomaton>, text: string): boolean {
  return constraint.advance(constraint.start()!, new TextEncoder().encode(text)) !== undefined;
}
