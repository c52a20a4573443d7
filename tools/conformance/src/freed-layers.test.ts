import { type ConformanceSubject, pairCases } from '@pliant/core/testing';
import { kvDrop, snapKV, streamingLLM } from '@pliant/kv-drop';
import { layerSkip, promptInfluence } from '@pliant/layer-skip';
import { describe, test } from 'vitest';

/** Skipped layers whose rows are freed, beside what drops rows: after the prompt, and while decoding. */
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
