import { constrain, regex } from '@pliant/constrain';
import { type Capability, type Middleware, type Pipeline, pipeline } from '@pliant/core';
import { kvDrop, snapKV } from '@pliant/kv-drop';
import { layerSkip, promptLookup, selfSpeculate } from '@pliant/layer-skip';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmbeddedDecoder, openEmbedded } from './open-embedded.js';
import { alice } from './prompts.js';

let decoder: EmbeddedDecoder;
let plain: Pipeline<Capability, object>;

beforeAll(async () => {
  const embedded = await openEmbedded({ threads: 2 });
  decoder = embedded.decoder;
  plain = pipeline(decoder, { tokenizer: embedded.tokenizer }) as Pipeline<Capability, object>;
});
afterAll(() => decoder.close());

const copying = {
  messages: [
    {
      role: 'user',
      content: `Repeat this text word for word:\n\n${alice.slice(2000, 2400)}`,
    },
  ],
};
const story = { messages: [{ role: 'user', content: 'Tell me about a rabbit and a clock.' }] };
const options = { maxNewTokens: 32 };

const stacks: readonly (readonly [string, readonly Middleware<string, Capability>[]])[] = [
  ['nothing else', []],
  ['kv-drop', [kvDrop({ policy: snapKV(), budget: 64 })]],
  ['layer-skip', [layerSkip({ skip: 2 })]],
  ['constrain', [constrain(regex(/[A-Za-z ,.'\n]{40,400}/)) as Middleware<string, Capability>]],
];

// Always drafting, so that every step is a verification: nothing hides behind drafting where it pays.
it.each(stacks)('drafts leave the greedy text as it is, beside %s', async (_name, others) => {
  const stack = others.reduce((built, middleware) => built.use(middleware), plain);
  const looking = stack.use(promptLookup({ ngram: 1, adaptive: false }));
  const speculating = stack.use(selfSpeculate({ skip: 4, draftTokens: 3, adaptive: false }));
  for (const prompt of [copying, story]) {
    const expected = await stack.generate(prompt, options);
    for (const drafted of [looking, speculating]) {
      const { tokens, metrics } = await drafted.generate(prompt, options);
      expect(tokens).toEqual(expected.tokens);
      const own = metrics.middlewares['prompt-lookup'] ?? metrics.middlewares['self-speculate'];
      expect(own.tokensDrafted).toBeGreaterThan(0);
    }
  }
});
