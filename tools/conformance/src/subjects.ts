import { constrain, regex } from '@pliant/constrain';
import type { ConformanceSubject } from '@pliant/core/testing';
import { kvDrop, snapKV } from '@pliant/kv-drop';
import { layerSkip } from '@pliant/layer-skip';
import { promptCompress } from '@pliant/prompt-compress';
import { promptLookup, selfSpeculate } from '@pliant/speculate';

/** Middlewares that change the text, on the mock decoder and the prompt of the conformance matrix (a chat of about 100 tokens). */
export const changing: readonly ConformanceSubject[] = [
  {
    name: 'prompt-compress',
    neutral: (decoder) =>
      promptCompress({ draft: decoder.draft({ layers: 2 }), keep: 4096, window: 8 }),
    active: (decoder) =>
      promptCompress({ draft: decoder.draft({ layers: 2 }), keep: 64, window: 8, kernel: 4 }),
    losslessWithProposals: true,
  },
  {
    name: 'kv-drop',
    neutral: () => kvDrop({ policy: snapKV({ window: 8 }), budget: 4096 }),
    active: () => kvDrop({ policy: snapKV({ window: 8 }), budget: 24 }),
    losslessWithProposals: true,
  },
  {
    name: 'layer-skip',
    neutral: () => layerSkip({ skip: 0 }),
    active: () => layerSkip({ layers: [2] }),
    losslessWithProposals: true,
  },
  {
    name: 'constrain',
    neutral: () => constrain(regex(/[\s\S]*/)),
    active: () =>
      constrain(regex(/(?:[a-z0-9 .,]{4} and so on, ){1,9}/), {
        jumpForward: true,
        onLength: 'complete',
      }),
    losslessWithProposals: true,
  },
];

/** Middlewares that draft: they leave the text as it is. */
export const drafting: readonly ConformanceSubject[] = [
  {
    name: 'prompt-lookup',
    neutral: () => promptLookup(),
    active: () => promptLookup({ ngram: 1, draftTokens: 3, adaptive: false }),
    losslessWithProposals: true,
  },
  {
    name: 'self-speculate',
    neutral: () => selfSpeculate({ layers: [2] }),
    active: () => selfSpeculate({ layers: [1], draftTokens: 2, adaptive: false }),
    losslessWithProposals: true,
  },
];

export const subjects: readonly ConformanceSubject[] = [...changing, ...drafting];
