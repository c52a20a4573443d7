import { type Capability, type Middleware, pipeline, type Run } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { promptLookup } from './prompt-lookup/prompt-lookup.js';
import { selfSpeculate } from './self-speculate/self-speculate.js';

const tokenizer = { ...mockTokenizer(), endOfText: new Set<number>() };
const ids = fc
  .array(fc.integer({ min: 97, max: 102 }), { minLength: 1, maxLength: 40 })
  .map((list) => Int32Array.from(list));
const lookup = fc.record({
  ngram: fc.integer({ min: 1, max: 4 }),
  draftTokens: fc.integer({ min: 1, max: 9 }),
  adaptive: fc.boolean(),
});
const speculation = fc.record({
  layers: fc.subarray([1, 2, 3], { minLength: 1 }),
  draftTokens: fc.integer({ min: 1, max: 6 }),
  adaptive: fc.boolean(),
});

/** Allows even ids and odd ones by turns. */
const everyOther: Middleware<'every-other'> = {
  specificationVersion: 'v1',
  name: 'every-other',
  requires: [],
  create: (run) => ({
    choose(distribution, next) {
      const odd = run.generated.length % 2;
      for (let id = 0; id < distribution.size; id++)
        if (id % 2 !== odd && distribution.remainingTokens > 1) distribution.without(id);
      return next(distribution);
    },
  }),
};

/** Skips a layer in every decode forward, as `layerSkip` does. */
const withoutLayer2: Middleware<'without-layer-2', 'layers.skip'> = {
  specificationVersion: 'v1',
  name: 'without-layer-2',
  requires: ['layers.skip'],
  create: () => ({
    forward: (input, next) => {
      const layers = Uint8Array.from({ length: 4 }, (_, layer) => Number(layer !== 2));
      return next({ ...input, layers: input.layers?.map((gate, i) => gate & layers[i]) ?? layers });
    },
  }),
};

function run(
  seed: number,
  prompt: { readonly ids: Int32Array },
  middlewares: readonly Middleware<string, Capability>[],
  options: object,
) {
  const decoder = mockDecoder({ seed });
  let stack = pipeline(decoder, { tokenizer });
  for (const middleware of middlewares) stack = stack.use(middleware);
  return stack.generate(prompt, { maxNewTokens: 12, ...options });
}

describe('token for token what the run without gives', () => {
  it('greedy, on any model, prompt and options, with skipped layers or a constraint beside it', async () => {
    const beside = fc.constantFrom<readonly Middleware<string, Capability>[]>(
      [],
      [withoutLayer2],
      [everyOther],
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 50 }),
        ids,
        beside,
        lookup,
        speculation,
        async (seed, prompt, others, first, second) => {
          const { tokens } = await run(seed, { ids: prompt }, others, {});
          for (const proposers of [
            [promptLookup(first)],
            [selfSpeculate(second)],
            [promptLookup(first), selfSpeculate(second)],
          ]) {
            const result = await run(seed, { ids: prompt }, [...others, ...proposers], {});
            expect(result.tokens).toEqual(tokens);
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it('sampled with a seed: prompt lookup always, self-speculation beside a constraint', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 50 }),
        ids,
        lookup,
        speculation,
        async (seed, prompt, a, b) => {
          const options = { temperature: 0.8, topP: 0.9, seed };
          const plain = await run(seed, { ids: prompt }, [], options);
          const looked = await run(seed, { ids: prompt }, [promptLookup(a)], options);
          expect(looked.tokens).toEqual(plain.tokens);
          const constrained = await run(seed, { ids: prompt }, [everyOther], options);
          const both = [selfSpeculate(b), everyOther];
          const speculated = await run(seed, { ids: prompt }, both, options);
          expect(speculated.tokens).toEqual(constrained.tokens);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('ends at a stop string, wherever in a draft it ends', async () => {
    const prompt = { ids: Int32Array.from([97, 98, 97, 98, 97]) };
    const { text } = await run(1, prompt, [], { maxNewTokens: 20 });
    const stop = [text.slice(6, 8)];
    const plain = await run(1, prompt, [], { maxNewTokens: 20, stop });
    const drafted = promptLookup({ ngram: 1, adaptive: false });
    const result = await run(1, prompt, [drafted], { maxNewTokens: 20, stop });
    expect(result.text).toBe(plain.text);
    expect(result.finishReason).toBe('stop');
  });
});

describe('promptLookup', () => {
  /** The token after the last one, counting modulo five from the first of the prompt. */
  const counting: Middleware<'counting'> = {
    specificationVersion: 'v1',
    name: 'counting',
    requires: [],
    create: (owner) => ({
      choose(distribution, next) {
        const last = owner.generated.at(-1) ?? owner.prompt.compressed.ids.at(-1)!;
        const wanted = 97 + ((last - 96) % 5);
        for (let id = 0; id < distribution.size; id++) if (id !== wanted) distribution.without(id);
        return next(distribution);
      },
    }),
  };
  const prompt = { ids: Int32Array.from({ length: 12 }, (_, i) => 97 + (i % 5)) };

  it('takes a few forwards where the text repeats, and says what was drafted', async () => {
    const decoder = mockDecoder();
    const { metrics, tokens } = await pipeline(decoder, { tokenizer })
      .use(promptLookup({ adaptive: false }))
      .use(counting)
      .generate(prompt, { maxNewTokens: 41 });
    expect(tokens.slice(0, 4)).toEqual([99, 100, 101, 97]);
    // The first token from the prompt, then eight a forward.
    expect(decoder.forwards).toBe(1 + 5);
    expect(metrics.middlewares['prompt-lookup']).toEqual({
      tokensDrafted: 35,
      tokensAccepted: 35,
    });
  });

  it('looks up what was dropped from the prompt', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer })
      .use({
        specificationVersion: 'v1',
        name: 'cut',
        requires: [],
        create: () => ({
          prompt: (encoded, next) =>
            next({
              ...encoded,
              ids: encoded.ids.slice(-1),
              byteStart: encoded.byteStart.slice(-1),
              byteEnd: encoded.byteEnd.slice(-1),
              spans: [],
            }),
        }),
      })
      .use(promptLookup({ adaptive: false }))
      .use(counting);
    const { metrics } = await stack.generate(prompt, { maxNewTokens: 9 });
    expect(metrics.middlewares['prompt-lookup'].tokensAccepted).toBe(7);
  });

  it('looks up what earlier turns said', async () => {
    const turn = (prompt: readonly number[], generated: readonly number[]) =>
      ({
        prompt: { original: { ids: Int32Array.from(prompt) } },
        generated,
        emit: () => undefined,
      }) as unknown as Run;
    const hooks = promptLookup({ adaptive: false }).create(turn([1, 2, 3], [4, 5, 6]));
    const later = hooks.nextTurn!(turn([9, 3], [4]));
    const draft = () => Promise.reject(new Error('nothing is read'));
    expect(await later.propose!(draft, 5)).toEqual([5, 6, 9, 3, 4]);
  });

  it('works on what is left after tokens were taken back', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer })
      .use(promptLookup({ adaptive: false }))
      .use(counting);
    const generation = await stack.start(prompt, { maxNewTokens: 24 });
    while (!generation.done) await generation.step();
    const { tokens } = generation.result();
    generation.rollback(17);
    const before = decoder.forwards;
    while (!generation.done) await generation.step();
    expect(generation.result().tokens).toEqual(tokens);
    expect(decoder.forwards - before).toBe(3);
    await generation.close();
  });
});

describe('selfSpeculate', () => {
  it('drafts with layers skipped, verifies with all, and leaves no row of a draft', async () => {
    const decoder = mockDecoder();
    const stack = pipeline(decoder, { tokenizer }).use(
      selfSpeculate({ layers: [1, 2], draftTokens: 3, adaptive: false }),
    );
    const prompt = { ids: Int32Array.of(97, 98, 99) };
    const { metrics } = await stack.generate(prompt, { maxNewTokens: 12 });
    const drafts = decoder.calls.filter(({ layers }) => layers);
    for (const { layers } of drafts) expect(layers).toEqual([1, 0, 0, 1]);
    expect(metrics.middlewares['self-speculate'].tokensDrafted).toBe(drafts.length);
    // A verification begins where the last accepted token belongs: nothing of the draft was left
    // before it.
    let next = 3;
    const verifications = decoder.calls.filter(({ want }) => want?.logits === 'all');
    for (const { positions, want } of verifications) {
      expect(positions[0]).toBeGreaterThanOrEqual(next);
      expect(want?.stepwise).toBe(true);
      next = positions[0] + 1;
    }
  });

  it('drafts by assumed times where tokens are sampled: only with enough layers skipped', async () => {
    const prompt = { ids: Int32Array.of(97, 98, 99) };
    const draftedWithout = async (layers: readonly number[]) => {
      const { metrics } = await run(1, prompt, [selfSpeculate({ layers })], { temperature: 0.5 });
      return metrics.middlewares['self-speculate'].tokensDrafted;
    };
    expect(await draftedWithout([2])).toBe(0);
    expect(await draftedWithout([1, 2, 3])).toBeGreaterThan(0);
  });

  it('names itself in what it refuses', () => {
    const stack = pipeline(mockDecoder(), { tokenizer });
    expect(() => stack.use(selfSpeculate({ layers: [9] }))).toThrow(
      "self-speculate: option 'layers.0': is 9",
    );
    expect(() => selfSpeculate({ layers: [1], skip: 1 } as never)).toThrow('give either');
    const plain = pipeline(mockDecoder({ capabilities: ['kv.edit'] }), { tokenizer });
    // @ts-expect-error: this decoder gives the logits of the last row only
    expect(() => plain.use(promptLookup())).toThrow("'logits.all'");
  });
});
