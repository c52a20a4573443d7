import { constrain, regex } from '@pliant/constrain';
import { type Capability, type Pipeline, pipeline } from '@pliant/core';
import { kvDrop, snapKV } from '@pliant/kv-drop';
import { layerSkip } from '@pliant/layer-skip';
import { promptLookup, selfSpeculate } from '@pliant/speculate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmbeddedDecoder, openEmbedded } from './open-embedded.js';
import { alice } from './prompts.js';

let decoder: EmbeddedDecoder;
let plain: Stack;

beforeAll(async () => {
  const embedded = await openEmbedded({ threads: 2 });
  decoder = embedded.decoder;
  plain = pipeline(decoder, { tokenizer: embedded.tokenizer }) as Stack;
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

type Stack = Pipeline<Capability, object>;

const stacks: readonly (readonly [string, (stack: Stack) => Stack])[] = [
  ['nothing else', (stack) => stack],
  ['kv-drop', (stack) => stack.use(kvDrop({ policy: snapKV(), budget: 64 }))],
  ['layer-skip', (stack) => stack.use(layerSkip({ skip: 2 }))],
  ['constrain', (stack) => stack.use(constrain(regex(/[A-Za-z ,.'\n]{40,400}/)))],
];

// Always drafting, so that every step is a verification: nothing hides behind drafting where it
// pays.
it.each(stacks)('drafts leave the greedy text as it is, beside %s', async (_name, beside) => {
  const stack = beside(plain);
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
