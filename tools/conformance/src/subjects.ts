import type { ConformanceSubject } from '@pliant/core/testing';
import { type MiddlewareName, makeMiddleware, type PresetOptions } from '@pliant/presets';

interface Settings {
  /** Changes nothing. */
  readonly neutral: PresetOptions;
  readonly active: PresetOptions;
  /** Whether it drafts, which leaves the text as it is. */
  readonly drafts?: true;
}

/**
 * On the mock decoder and the prompt of the conformance matrix, a chat of about 100 tokens. A
 * middleware without settings does not compile.
 */
const settings: { readonly [name in MiddlewareName]: Settings } = {
  'prompt-compress': {
    neutral: { draft: 2, keep: 4096, window: 8 },
    active: { draft: 2, keep: 64, window: 8, kernel: 4 },
  },
  'kv-drop': {
    neutral: { policy: { name: 'snapKV', window: 8 }, budget: 4096 },
    active: { policy: { name: 'snapKV', window: 8 }, budget: 24 },
  },
  'layer-skip': { neutral: { skip: 0 }, active: { layers: [2] } },
  constrain: {
    neutral: { regex: '[\\s\\S]*' },
    active: {
      regex: '(?:[a-z0-9 .,]{4} and so on, ){1,9}',
      jumpForward: true,
      onLength: 'complete',
    },
  },
  'prompt-lookup': {
    neutral: {},
    active: { ngram: 1, draftTokens: 3, adaptive: false },
    drafts: true,
  },
  'self-speculate': {
    neutral: { layers: [2] },
    active: { layers: [1], draftTokens: 2, adaptive: false },
    drafts: true,
  },
};

const subjectsOf = (drafts: boolean): ConformanceSubject[] =>
  Object.entries(settings)
    .filter(([, own]) => (own.drafts ?? false) === drafts)
    .map(([name, { neutral, active }]) => ({
      name,
      neutral: (decoder) => makeMiddleware(name, neutral, decoder),
      active: (decoder) => makeMiddleware(name, active, decoder),
      losslessWithProposals: true,
    }));

/** Middlewares that change the text. */
export const changing = subjectsOf(false);

/** Middlewares that draft: they leave the text as it is. */
export const drafting = subjectsOf(true);

export const subjects: readonly ConformanceSubject[] = [...changing, ...drafting];
