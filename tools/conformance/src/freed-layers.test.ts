import { pipeline } from '@pliant/core';
import {
  type ConformanceSubject,
  mockDecoder,
  mockTokenizer,
  pairCases,
} from '@pliant/core/testing';
import { kvDrop, snapKV, specKV, streamingLLM } from '@pliant/kv-drop';
import { adaSkip, layerSkip, promptInfluence } from '@pliant/layer-skip';
import { describe, expect, test } from 'vitest';

/**
 * Skipped layers whose rows are freed, beside what drops rows: after the prompt, and while
 * decoding.
 */
const freed: ConformanceSubject = {
  name: 'layer-skip',
  neutral: () => layerSkip({ skip: 0, laterTurns: 'skip', freeSkipped: true }),
  active: () => layerSkip({ layers: [2], laterTurns: 'skip', freeSkipped: true }),
  losslessWithProposals: true,
};
const chosen: ConformanceSubject = {
  ...freed,
  active: () => layerSkip({ selector: promptInfluence(), skip: 1, protect: [1] }),
};
const dropped: ConformanceSubject = {
  name: 'kv-drop',
  neutral: () => kvDrop({ policy: snapKV({ window: 8 }), budget: 4096 }),
  active: () => kvDrop({ policy: snapKV({ window: 8 }), budget: 24 }),
  losslessWithProposals: true,
};
const droppedOften: ConformanceSubject = {
  name: 'kv-drop',
  neutral: () => kvDrop({ policy: streamingLLM({ sinks: 2 }), budget: 4096, every: 4 }),
  active: () => kvDrop({ policy: streamingLLM({ sinks: 2 }), budget: 24, every: 4 }),
  dropsWhileDecoding: true,
};

describe.each([
  ['freed rows and rows dropped after the prompt', freed, dropped],
  ['freed rows and rows dropped while decoding', freed, droppedOften],
  ['layers chosen by the prompt and rows dropped after it', chosen, dropped],
])('%s', (_, first, second) => {
  for (const { name, run } of pairCases(first, second)) test(name, run);
});

test.each([
  ['fed again', snapKV({ window: 8 })],
  ['and written ahead', specKV({ window: 8, lookahead: 3 })],
  ['and written ahead on a copy', specKV({ window: 8, lookahead: 3, lookaheadBudget: 16 })],
])('skipped layers of a later turn are scaled in what is %s', async (_, policy) => {
  const decoder = mockDecoder({ layers: 8 });
  const stack = pipeline(decoder, { tokenizer: mockTokenizer() })
    .use(layerSkip({ selector: adaSkip(), skip: 2, laterTurns: 'skip' }))
    .use(kvDrop({ policy, budget: 24 }));
  const generation = await stack.start(
    { messages: [{ role: 'user', content: 'Where is the key, and where is the lamp?' }] },
    { maxNewTokens: 4 },
  );
  while (!generation.done) await generation.step();
  const before = decoder.calls.length;
  await generation.append([{ role: 'user', content: 'And what of the door behind the shelf?' }]);
  while (!generation.done) await generation.step();
  await generation.close();
  const later = decoder.calls.slice(before);
  const expected = decoder.calls[before - 1];
  expect(expected.layers!.filter((gate) => gate === 0)).toHaveLength(2);
  expect(later.length).toBeGreaterThan(4);
  for (const { layers, layerScales } of later)
    expect({ layers, layerScales }).toEqual({
      layers: expected.layers,
      layerScales: expected.layerScales,
    });
});
