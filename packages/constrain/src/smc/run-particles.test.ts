import {
  type Capability,
  InvalidOptionsError,
  MissingCapabilityError,
  type Pipeline,
  pipeline,
} from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { constrain } from '../constrain.js';
import { regex } from '../constraints/regex.js';
import { smc } from '../smc.js';
import type { Critic } from './critic.js';
import { type Table, tableModel } from './table-model.test.support.js';

const coin = { a: 0.5, b: 0.3, EOS: 0.2 };

function coins(capabilities?: readonly Capability[]) {
  const model = tableModel('ab', () => coin, capabilities);
  const { decoder, tokenizer } = model;
  return { ...model, stack: pipeline(decoder, { tokenizer }) };
}

describe('smc', () => {
  it('reads the prompt once, steps as one batch, and closes everything', async () => {
    const { decoder, stack } = coins();
    const ids = new Int32Array(50).fill(3);
    const { metrics, particles } = await smc(stack.use(constrain(regex(/[ab]{3}/))), {
      particles: 5,
      essThreshold: 1,
    }).generate({ ids });
    // The prompt, then at most a token for each particle and step but the last.
    expect(metrics.promptTokens).toBe(50);
    expect(decoder.read).toBe(50 + 5 * 3);
    expect(decoder.batches).toEqual([1, 5, 5, 5]);
    expect(metrics).toMatchObject({ steps: 4, tokens: 20, dead: 0 });
    expect(metrics.checksPerToken).toBeGreaterThan(1);
    for (const { text, finishReason } of particles) {
      expect(text).toMatch(/^[ab]{3}$/);
      expect(finishReason).toBe('stop');
    }
    expect(decoder.openSequences).toBe(0);
  });

  it('steps ended particles no more, and keeps them in', async () => {
    const { decoder, stack } = coins();
    const result = await smc(stack, { particles: 20 }).generate(
      { ids: Int32Array.of(3) },
      { maxNewTokens: 6 },
    );
    const sizes = decoder.batches.slice(1);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(sizes.at(-1)).toBeLessThan(20);
    expect(new Set(result.particles.map(({ tokens }) => tokens.length)).size).toBeGreaterThan(2);
    expect(result.particles.length).toBe(20);
  });

  it('gives the same for the same seed, and other texts for another', async () => {
    const { stack, prompt } = coins();
    const particles = smc(stack.use(constrain(regex(/[ab]{8}/))), { particles: 4 });
    const texts = async (seed: number) =>
      (await particles.generate(prompt, { seed })).particles.map(({ text }) => text);
    expect(await texts(1)).toEqual(await texts(1));
    expect(await texts(1)).not.toEqual(await texts(2));
    expect(new Set(await texts(1)).size).toBeGreaterThan(1);
  });

  it('goes on differently in each copy of a particle', async () => {
    const { decoder, tokenizer, prompt } = tableModel(
      'ab',
      (text): Table => (text.length < 20 ? { a: 0.5, b: 0.5 } : { EOS: 1 }),
    );
    const onlyA: Critic = {
      prefix: ({ text }) => (text.startsWith('a') ? 0 : -50),
      complete: () => 0,
    };
    const { particles, metrics } = await smc(pipeline(decoder, { tokenizer }), {
      particles: 6,
      essThreshold: 1,
      critic: onlyA,
    }).generate(prompt);
    expect(metrics.resamplings).toBeGreaterThan(0);
    expect(metrics.copies).toBeGreaterThan(0);
    expect(new Set(particles.map(({ text }) => text)).size).toBe(6);
    expect(particles.every(({ text }) => text.startsWith('a'))).toBe(true);
  });

  it('sums what the same text weighs in different tokens', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer: mockTokenizer() }).use(
      constrain(regex(/(the|and) (the|and)/)),
    );
    const { posterior, tokenPosterior, best, particles, ess } = await smc(stack, {
      particles: 24,
      essThreshold: 0,
    }).generate({ text: 'Say ' }, { temperature: 8 });
    expect(tokenPosterior.length).toBeGreaterThan(posterior.length);
    expect(best).toBe(posterior[0]);
    expect(ess).toBeGreaterThanOrEqual(1);
    expect(ess).toBeLessThanOrEqual(24);
    for (const { text, probability } of posterior) {
      const same = particles.filter((one) => one.text === text);
      const sum = same.reduce((total, one) => total + one.probability, 0);
      expect(probability).toBeCloseTo(sum, 12);
    }
    expect(posterior.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
    expect(decoder.openSequences).toBe(0);
  });

  it('works without a constraint, by the critic alone, also where it takes its time', async () => {
    const { stack, prompt } = coins();
    const { posterior } = await smc(stack, {
      particles: 50,
      essThreshold: 0,
      critic: {
        complete: async ({ text, tokens }) => {
          expect(tokens.length).toBe(text.length + 1);
          return text.length === 2 ? 0 : Number.NEGATIVE_INFINITY;
        },
        prefix: () => expect.fail('is not asked without resampling'),
      },
    }).generate(prompt);
    expect(posterior.length).toBeGreaterThan(1);
    for (const { text } of posterior) expect(text.length).toBe(2);
  });

  it('ends a particle that the critic rules out on the way', async () => {
    const { decoder, stack, prompt } = coins();
    const { posterior, particles } = await smc(stack, {
      particles: 16,
      critic: {
        prefix: ({ text }) => (text.includes('b') ? Number.NEGATIVE_INFINITY : 0),
        complete: ({ text }) => (text.includes('b') ? Number.NEGATIVE_INFINITY : 0),
      },
    }).generate(prompt, { maxNewTokens: 20 });
    for (const { text } of posterior) expect(text).toMatch(/^a*$/);
    for (const { text, finishReason, probability } of particles)
      if (text.includes('b')) expect([finishReason, probability]).toEqual(['dead-end', 0]);
    expect(decoder.openSequences).toBe(0);
  });

  it('says so when every particle is dead', async () => {
    const { decoder, tokenizer, prompt } = tableModel('ab', () => ({ b: 1 }));
    const stack = pipeline(decoder, { tokenizer });
    const dead = await smc(stack.use(constrain(regex(/a+/)))).generate(prompt);
    expect(dead).toMatchObject({
      best: undefined,
      posterior: [],
      tokenPosterior: [],
      logMarginal: Number.NEGATIVE_INFINITY,
      ess: 0,
      metrics: { dead: 8, steps: 1 },
    });
    expect(dead.warnings.map(({ details }) => details).join()).toContain('8 dead-end');
    const cut = await smc(stack).generate(prompt, { maxNewTokens: 3 });
    expect(cut.particles.map(({ finishReason }) => finishReason)).toEqual(Array(8).fill('length'));
    expect(cut.warnings.map(({ details }) => details).join()).toContain('maxNewTokens');
    expect(cut.particles[0].text).toBe('bbb');
    expect(decoder.openSequences).toBe(0);
  });

  it('ends at an abort with what it has', async () => {
    const { decoder, stack, prompt } = coins();
    const abort = new AbortController();
    const run = smc(stack, { particles: 4, critic: { complete: () => 0, prefix: stop } });
    function stop({ text }: { text: string }) {
      if (text.length === 3) abort.abort();
      return 0;
    }
    const { particles } = await run.generate(prompt, { signal: abort.signal, seed: 5 });
    expect(particles.some(({ finishReason }) => finishReason === 'aborted')).toBe(true);
    for (const { finishReason, logWeight } of particles)
      if (finishReason === 'aborted') expect(logWeight).toBe(Number.NEGATIVE_INFINITY);
    const before = await run.generate(prompt, { signal: AbortSignal.abort() });
    expect(before.particles.map(({ finishReason }) => finishReason)).toEqual(
      Array(4).fill('aborted'),
    );
    expect(decoder.openSequences).toBe(0);
  });

  it('closes everything when the critic or the decoder fails', async () => {
    const { decoder, stack, prompt } = coins();
    const failing = smc(stack, {
      critic: {
        complete: () => {
          throw new Error('the critic is ill');
        },
      },
    });
    await expect(failing.generate(prompt)).rejects.toThrow('the critic is ill');
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 'good' as unknown as number])
      await expect(
        smc(stack, { critic: { complete: () => value } }).generate(prompt),
      ).rejects.toThrow("option 'critic.complete'");
    expect(decoder.openSequences).toBe(0);
    const broken = mockDecoder({ failAt: 4 });
    await expect(
      smc(pipeline(broken, { tokenizer: mockTokenizer() })).generate({ text: 'Hi' }),
    ).rejects.toThrow('forward 4');
    expect(broken.openSequences).toBe(0);
  });

  it('runs without batches, and says so', async () => {
    const { decoder, stack, prompt } = coins(['fork']);
    const { warnings } = await smc(stack, { particles: 3 }).generate(prompt, { maxNewTokens: 4 });
    expect(decoder.batches.every((size) => size === 1)).toBe(true);
    expect(warnings).toContainEqual(
      expect.objectContaining({ type: 'degraded', feature: 'batch', middleware: 'smc' }),
    );
  });

  it('refuses what it cannot do, where it is written', async () => {
    const { stack, prompt } = coins();
    const wrong = [
      { particles: 0 },
      { particles: 1.5 },
      { essThreshold: 1.1 },
      { resampling: 'random' },
      { critic: {} },
      { critics: [] },
    ];
    for (const options of wrong)
      expect(() => smc(stack, options as object)).toThrow(InvalidOptionsError);
    for (const options of [{ temperature: 0 }, { stop: ['.'] }, { maxTokens: 5 }, { seed: 0.5 }])
      await expect(smc(stack).generate(prompt, options as object)).rejects.toThrow(
        InvalidOptionsError,
      );
    const rigid = coins(['batch']).stack;
    expect(() => smc(rigid)).toThrow(MissingCapabilityError);
    // @ts-expect-error a decoder that cannot fork
    expect(() => smc(rigid as unknown as Pipeline<'batch', unknown>)).toThrow('fork');
  });
});
