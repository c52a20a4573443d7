import {
  InvalidOptionsError,
  type Middleware,
  MiddlewareError,
  pipeline,
  randomStream,
  type Tokenizer,
} from '@pliant/core';
import { conformanceCases, mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { describe, expect, expectTypeOf, it, test, vi } from 'vitest';
import { constrain } from './constrain.js';
import { predicate, type TextPredicate } from './constraints/predicate.js';
import { regex } from './constraints/regex.js';
import type { AsyncConstraint } from './contract/constraint.js';
import type { ConstrainOptions } from './generation/constrain-options.js';

const tokenizer = mockTokenizer();
const prompt = { text: 'Today is ' };
/** For many runs: reading the prompt is most of the work of a short one. */
const shortPrompt = { text: 'A' };

function stack<State, Value>(
  constraint: AsyncConstraint<State, Value>,
  seed = 0,
  withTokenizer: Tokenizer = tokenizer,
) {
  return pipeline(mockDecoder({ seed }), { tokenizer: withTokenizer }).use(constrain(constraint));
}

describe('conformance', () => {
  for (const { name, run } of conformanceCases({
    name: 'constrain',
    neutral: () => constrain(regex(/[\s\S]*/)),
    active: () => constrain(regex(/[a-z0-9 .,]{20,80}/)),
    losslessWithProposals: true,
  }))
    test(name, run);
});

describe('conformance, jumping forward and completing', () => {
  for (const { name, run } of conformanceCases({
    name: 'constrain',
    neutral: () => constrain(regex(/[\s\S]*/), { jumpForward: true, sampler: 'mask' }),
    active: () =>
      constrain(regex(/(?:[a-z]{2}, and the thing )+\./), {
        jumpForward: true,
        onLength: 'complete',
        sampler: 'geometric',
      }),
    losslessWithProposals: true,
  }))
    test(name, run);
});

describe('texts', () => {
  it.each([0, 1])('match as a whole, at temperature %d', async (temperature) => {
    for (const pattern of [
      /\d{4}-\d{2}-\d{2}/,
      /(?:yes|no|perhaps)/,
      /[α-ω]{2,4}!/u,
      /"[^"]{3}"/,
    ]) {
      const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags);
      for (let seed = 0; seed < 4; seed++) {
        const run = stack(regex(pattern), seed);
        const { text, finishReason, tokens } = await run.generate(prompt, { temperature, seed });
        expect(finishReason).toBe('stop');
        expect(text).toMatch(whole);
        expect(tokens.slice(0, -1).some((id) => tokenizer.special.has(id))).toBe(false);
        expect(tokenizer.endOfText.has(tokens.at(-1)!)).toBe(true);
      }
    }
  });

  it('of a predicate satisfy it', async () => {
    const constraint = predicate(
      (text, { complete, halfCharacter }) =>
        !halfCharacter && /^[a-z ]{0,9}$/.test(text) && (!complete || text.length >= 5),
    );
    for (let seed = 0; seed < 3; seed++) {
      const { text, finishReason } = await stack(constraint, seed).generate(prompt, {
        temperature: 1,
        seed,
        maxNewTokens: 200,
      });
      expect(finishReason).toBe('stop');
      expect(text).toMatch(/^[a-z ]{5,}$/);
    }
  });

  it('that may go on do not end early, and end at the limit as such', async () => {
    const { text, finishReason } = await stack(regex(/a{30}/)).generate(prompt, {
      maxNewTokens: 4,
    });
    expect(finishReason).toBe('length');
    expect(text).toMatch(/^a{4}$/);
  });

  it('are what the plain run gives where nothing is ruled out, sampled as well', async () => {
    for (const options of [{ temperature: 0 }, { temperature: 1, seed: 3 }]) {
      const settings = { ...options, maxNewTokens: 30 };
      const plain = await pipeline(mockDecoder(), { tokenizer }).generate(prompt, settings);
      const free = await stack(regex(/[\s\S]*/)).generate(prompt, settings);
      expect(free.tokens).toEqual(plain.tokens);
      expect(free.logWeight).toBe(0);
    }
  });
});

describe('dead ends', () => {
  it('end the run, with the reason', async () => {
    const short: TextPredicate = (text, { halfCharacter }) => text.length < 3 && !halfCharacter;
    const constraint = predicate(short);
    const never = predicate(() => false, { prefix: short });
    expect((await stack(constraint).generate(prompt)).finishReason).toBe('stop');
    const { text, finishReason, logWeight, warnings } = await stack(never).generate(prompt);
    expect(finishReason).toBe('dead-end');
    expect(text.length).toBeLessThan(3);
    expect(logWeight).toBe(Number.NEGATIVE_INFINITY);
    expect(warnings).toEqual([
      expect.objectContaining({
        middleware: 'constrain',
        feature: 'constraint',
        details: expect.stringContaining('predicate without a name'),
      }),
    ]);
  });

  it('come at once where nothing matches', async () => {
    const { text, finishReason } = await stack(regex(/a[^\s\S]/)).generate(prompt);
    expect([text, finishReason]).toEqual(['', 'dead-end']);
  });

  it('come where truncation leaves no allowed token', async () => {
    const run = stack(regex(/[α-ω]+/u));
    expect((await run.generate(prompt, { temperature: 1, topK: 1 })).finishReason).toBe('dead-end');
  });
});

describe('weights', () => {
  it('average to the probability of the constraint, text by text', async () => {
    const temperature = 3;
    const decoder = mockDecoder({ seed: 5 });
    const end = [...tokenizer.endOfText][0];
    const softmax = (logits: Float32Array) => {
      const weights = [...logits].map((logit) => Math.exp(logit / temperature));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return weights.map((weight) => weight / total);
    };
    // One printable ASCII character, then the end: the mass of every such text.
    const sequence = await decoder.open({ needs: ['kv.edit'] });
    const ids = tokenizer.encode(shortPrompt.text);
    const first = softmax((await sequence.forward({ ids })).logits);
    const masses = new Array<number>(0x80).fill(0);
    for (let id = 0x20; id < 0x7f; id++) {
      const { logits } = await sequence.forward({ ids: Int32Array.of(id) });
      masses[id] = first[id] * softmax(logits)[end];
      sequence.edit({ truncate: ids.length });
    }
    sequence.close();
    const run = pipeline(decoder, { tokenizer }).use(constrain(regex(/[ -~]/)));
    const n = 900;
    const drawn: { code: number; weight: number }[] = [];
    for (let seed = 0; seed < n; seed++) {
      const { text, logWeight } = await run.generate(shortPrompt, { temperature, seed });
      drawn.push({ code: text.charCodeAt(0), weight: Math.exp(logWeight) });
    }
    const groups = [() => true, (code: number) => code < 0x40, (code: number) => code % 2 === 0];
    for (const inGroup of groups) {
      const mass = masses.reduce((sum, x, code) => sum + (inGroup(code) ? x : 0), 0);
      const values = drawn.map(({ code, weight }) => (inGroup(code) ? weight : 0));
      const mean = values.reduce((sum, value) => sum + value, 0) / n;
      const square = values.reduce((sum, value) => sum + value * value, 0) / n;
      const error = Math.sqrt((square - mean * mean) / n);
      expect(Math.abs(mean - mass) / error).toBeLessThan(5);
      // A mass that is off by half would be told apart.
      expect(Math.abs(mean - 1.5 * mass) / error).toBeGreaterThan(5);
    }
  });

  it('of greedy runs are 0', async () => {
    expect((await stack(regex(/[xyz]{3}/)).generate(prompt)).logWeight).toBe(0);
  });
});

describe('the hooks', () => {
  it('report checks', async () => {
    const run = stack(regex(/[a-z]{8}/));
    const { metrics, tokens } = await run.generate(prompt, { temperature: 1, seed: 2 });
    const { checks, rejected, checksPerToken, masks } = metrics.middlewares.constrain;
    // The last token is the only one possible: it is chosen without a check. Each other one was
    // tested or taken from a mask, and after one that was tested one more, allowed or not.
    const tested = tokens.length - 1 - masks;
    expect(checks).toBeGreaterThanOrEqual(2 * tested);
    expect(checks - rejected).toBeGreaterThanOrEqual(tested);
    expect(checks - rejected).toBeLessThanOrEqual(2 * tested);
    expect(checksPerToken).toBe(checks / tokens.length);
  });

  it('ask the constraint once for each token tried', async () => {
    const check = vi.fn((text: string) => /^[a-z]*$/.test(text));
    const run = stack(predicate(check, { prefix: check }));
    const { metrics } = await run.generate(prompt, { temperature: 1, maxNewTokens: 5, seed: 1 });
    // Once more for the warning that the text was cut.
    const controls = metrics.middlewares.constrain.checks - (check.mock.calls.length - 1);
    // Of the tokens tried, only a control token is refused unasked.
    expect(controls).toBeGreaterThanOrEqual(0);
    expect(controls).toBeLessThanOrEqual(5);
  });

  it('take tokens back and copy themselves', async () => {
    const run = stack(regex(/[ab]{3}[cd]{3}/));
    const generation = await run.start(prompt, { temperature: 1, seed: 4 });
    for (let i = 0; i < 4; i++) await generation.step();
    const copy = await generation.fork({ seed: 9 });
    generation.rollback(2);
    while (!generation.done) await generation.step();
    while (!copy.done) await copy.step();
    expect(generation.result().text).toMatch(/^[ab]{3}[cd]{3}$/);
    expect(copy.result().text).toMatch(/^[ab]{3}[cd]{3}$/);
    await generation.close();
    await copy.close();
  });

  it('surface what a predicate throws under the name of the middleware', async () => {
    const cause = new Error('no parser today');
    const throwing = predicate(() => {
      throw cause;
    });
    const error = await stack(throwing)
      .generate(prompt)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MiddlewareError);
    expect(error).toMatchObject({ middleware: 'constrain', phase: 'choose', cause });
  });

  it('refuse weights of a sampler inside', async () => {
    const weighted: Middleware<'weighted'> = {
      specificationVersion: 'v1',
      name: 'weighted',
      requires: [],
      create: () => ({
        choose: (distribution) => ({
          token: distribution.draw(randomStream(1, 'weighted')),
          logWeight: -1,
        }),
      }),
    };
    const run = stack(regex(/a/)).use(weighted);
    await expect(run.generate(prompt)).rejects.toThrow('constraints need plain draws');
  });

  it('wait for a draw that takes time', async () => {
    const slow: Middleware<'slow'> = {
      specificationVersion: 'v1',
      name: 'slow',
      requires: [],
      create: () => ({ choose: async (distribution, next) => next(distribution) }),
    };
    const run = stack(regex(/[ab]{4}/)).use(slow);
    expect((await run.generate(prompt)).text).toMatch(/^[ab]{4}$/);
  });

  it('never take a token without bytes, however likely', async () => {
    const mute: Tokenizer = {
      ...tokenizer,
      bytes: (id) => (id < 0x80 ? tokenizer.bytes(id) : new Uint8Array(0)),
    };
    const { tokens, finishReason } = await stack(regex(/[a-z]{3}/), 0, mute).generate(prompt);
    expect(finishReason).toBe('stop');
    expect(tokens.slice(0, -1).every((id) => id < 0x80)).toBe(true);
  });

  it('want a constraint', () => {
    for (const wrong of [undefined, null, /a/, {}, 'a'])
      expect(() => constrain(wrong as never)).toThrow(InvalidOptionsError);
  });
});

describe('samplers', () => {
  const patterns = [/\d{4}-\d{2}-\d{2}/, /(?:yes|no|perhaps)/, /"[^"]{3}"/];
  const options: ConstrainOptions[] = [
    { sampler: 'awrs', tail: 3 },
    { maskAfter: 1 },
    { maskAfter: Number.POSITIVE_INFINITY },
    { sampler: 'geometric' },
    { sampler: 'geometric', maxAccepts: 5, maskAfter: 2 },
    { sampler: 'mask' },
  ];

  it.each(patterns)('give texts that match %s, greedy the same ones', async (pattern) => {
    const plain = pipeline(mockDecoder(), { tokenizer });
    const greedy = await plain.use(constrain(regex(pattern))).generate(prompt);
    for (const option of options) {
      const run = plain.use(constrain(regex(pattern), option));
      const sampled = await run.generate(prompt, { temperature: 1, seed: 3 });
      const name = JSON.stringify(option);
      expect(sampled.text, name).toMatch(new RegExp(`^(?:${pattern.source})$`));
      expect((await run.generate(prompt)).tokens, name).toEqual(greedy.tokens);
    }
  });

  it('report masks and their time, and less tests', async () => {
    const run = (option: ConstrainOptions) =>
      pipeline(mockDecoder(), { tokenizer })
        .use(constrain(regex(/[0-9]{12}/), option))
        .generate(prompt, { temperature: 1, seed: 3 });
    const masked = (await run({ sampler: 'mask' })).metrics.middlewares.constrain;
    expect(masked).toMatchObject({ checks: 0, rejected: 0, masks: 12 });
    expect(masked.maskMs).toBeGreaterThan(0);
    expect(masked.constraintMs).toBeGreaterThan(0);
    const tested = await run({ maskAfter: Number.POSITIVE_INFINITY });
    expect(tested.metrics.middlewares.constrain).toMatchObject({ masks: 0 });
    const both = (await run({ maskAfter: 3 })).metrics.middlewares.constrain;
    expect(both.masks).toBeGreaterThan(0);
    expect(both.rejected).toBeLessThanOrEqual(3 * 12);
    expect(both.checks).toBeLessThan(tested.metrics.middlewares.constrain.checks);
  });

  it('have the same mean weight, that of masking with no variance in a single step', async () => {
    const weights = async (option: ConstrainOptions, n: number) => {
      const run = pipeline(mockDecoder({ seed: 5 }), { tokenizer }).use(
        constrain(regex(/[^a-m]+/), option),
      );
      const drawn: number[] = [];
      for (let seed = 0; seed < n; seed++) {
        const options = { temperature: 3, seed, maxNewTokens: 1 };
        drawn.push(Math.exp((await run.generate(shortPrompt, options)).logWeight));
      }
      return drawn;
    };
    const mean = (values: number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const exact = await weights({ sampler: 'mask' }, 3);
    expect(new Set(exact).size).toBe(1);
    for (const option of options) {
      const drawn = await weights(option, 200);
      const error = Math.sqrt(mean(drawn.map((value) => (value - mean(drawn)) ** 2)) / 200) + 1e-12;
      expect(Math.abs(mean(drawn) - exact[0])).toBeLessThan(5 * error);
    }
  });

  it.each([
    [{ sampler: 'mask', tail: 2 }, 'tail'],
    [{ sampler: 'geometric', tail: 2 }, 'tail'],
    [{ maxAccepts: 3 }, 'maxAccepts'],
    [{ tail: 0 }, 'tail'],
    [{ sampler: 'geometric', maxAccepts: 1 }, 'maxAccepts'],
    [{ maskAfter: 0 }, 'maskAfter'],
    [{ maskAfter: 8, maxRejects: 8 }, 'maskAfter'],
    [{ sampler: 'top' }, 'sampler'],
    [{ onLength: 'throw' }, 'onLength'],
    [{ jumpForward: 1 }, 'jumpForward'],
  ])('refuse %j', (option, path) => {
    expect(() => constrain(regex(/a/), option as never)).toThrow(path);
  });
});

describe('a constraint that answers later', () => {
  it('is waited for, and gives the text of one that answers at once', async () => {
    const rule: TextPredicate = (text, { complete, halfCharacter }) =>
      !halfCharacter && /^[a-z ]{0,9}$/.test(text) && (!complete || text.length >= 5);
    const later = predicate(async (text, question) => rule(text, question));
    for (const options of [{ temperature: 0 }, { temperature: 1, seed: 2 }])
      for (const option of [{}, { sampler: 'geometric' }] as const) {
        const plain = pipeline(mockDecoder(), { tokenizer });
        const expected = await plain
          .use(constrain(predicate(rule), option))
          .generate(prompt, options);
        const result = await plain.use(constrain(later, option)).generate(prompt, options);
        expect(result.tokens).toEqual(expected.tokens);
        expect(result.logWeight).toBe(expected.logWeight);
      }
  });

  it('surfaces what it throws, and has no mask', async () => {
    const cause = new Error('no database today');
    const failing = predicate(async () => {
      throw cause;
    });
    const error = await stack(failing)
      .generate(prompt)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ middleware: 'constrain', phase: 'choose', cause });
    const run = pipeline(mockDecoder(), { tokenizer }).use(
      constrain(
        predicate(async () => true),
        { sampler: 'mask' },
      ),
    );
    await expect(run.generate(prompt)).rejects.toThrow('answers with a promise');
  });

  it('is not asked for a mask, however many tokens it rejects', async () => {
    const rare = regex(/~{8}/);
    const later: AsyncConstraint = {
      ...rare,
      mask: undefined,
      advance: async (state, bytes) => rare.advance(state, bytes),
    };
    for (const sampler of ['awrs', 'geometric'] as const) {
      const run = pipeline(mockDecoder(), { tokenizer }).use(constrain(later, { sampler }));
      const { text, metrics } = await run.generate(prompt, { temperature: 1 });
      expect(text).toBe('~~~~~~~~');
      expect(metrics.middlewares.constrain.masks).toBe(0);
      expect(metrics.middlewares.constrain.rejected).toBeGreaterThan(8 * 16);
    }
  });

  it('copies itself and takes tokens back', async () => {
    const rule = predicate(async (text) => /^[ab]*$/.test(text), {
      prefix: async (text, { halfCharacter }) => !halfCharacter && /^[ab]{0,6}$/.test(text),
    });
    const long: AsyncConstraint = {
      ...rule,
      canEnd: async (state) => (state as { text: string }).text.length === 6,
    };
    const generation = await stack(long).start(prompt, { temperature: 1, seed: 4 });
    for (let i = 0; i < 3; i++) await generation.step();
    const copy = await generation.fork({ seed: 9 });
    generation.rollback(2);
    for (const one of [generation, copy]) {
      while (!one.done) await one.step();
      expect(one.result().text).toMatch(/^[ab]{6}$/);
      await one.close();
    }
  });
});

describe('values', () => {
  const year = { ...regex(/\d{4}/), value: (text: string) => Number(text) };

  it('are those of the text, typed', async () => {
    const { text, value } = await stack(year).generate(prompt);
    expectTypeOf(value).toEqualTypeOf<number | undefined>();
    expect(value).toBe(Number(text));
  });

  it('are absent from cut texts, with a warning', async () => {
    const result = await stack(year).generate(prompt, { maxNewTokens: 2 });
    expect(result.finishReason).toBe('length');
    expect('value' in result).toBe(false);
    expect(result.warnings).toEqual([
      expect.objectContaining({ middleware: 'constrain', feature: 'constraint' }),
    ]);
  });

  it('are there where a stop string ends a whole text, and not where it ends a half one', async () => {
    const dated = { ...regex(/\d{4};\d{4}/), value: (text: string) => text };
    const half = await stack(dated).generate(prompt, { stop: [';'] });
    expect([half.finishReason, half.text.length, half.value]).toEqual(['stop', 4, undefined]);
    const either = { ...regex(/\d{4}(?:;\d{4})?/), value: (text: string) => text };
    const run = pipeline(mockDecoder({ seed: 1 }), { tokenizer }).use(constrain(either));
    for (let seed = 0; seed < 5; seed++) {
      const whole = await run.generate(prompt, { stop: [';'], temperature: 1, seed });
      expect(whole.value).toBe(whole.text);
    }
  });
});
