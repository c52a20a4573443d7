import type { Capability, Middleware, Pipeline } from '@pliant/core';
import { type MiddlewareName, makeMiddleware, type PresetOptions } from '@pliant/presets';
import type { EmbeddedDecoder } from './open-embedded.js';

export interface Subject {
  readonly name: MiddlewareName;
  /** Set to change nothing on a prompt of exactly `promptTokens`, 9 or more. */
  neutral(draft: EmbeddedDecoder, promptTokens: number): Middleware<string, Capability>;
}

/** Options with which nothing changes. A middleware without them does not compile. */
const neutral: { readonly [name in MiddlewareName]: (promptTokens: number) => PresetOptions } = {
  'prompt-compress': (promptTokens) => ({ keep: promptTokens, window: 8 }),
  constrain: () => ({ regex: '[\\s\\S]*' }),
  'kv-drop': (promptTokens) => ({ policy: { name: 'snapKV', window: 8 }, budget: promptTokens }),
  'layer-skip': () => ({ skip: 0 }),
  'prompt-lookup': () => ({}),
  // A draft without one layer costs nearly as much as the model: sampled, it drafts nothing and
  // draws what the plain run draws.
  'self-speculate': () => ({ skip: 1 }),
};

/** The middlewares. */
export const subjects: readonly Subject[] = Object.entries(neutral).map(([name, optionsFor]) => ({
  name: name as MiddlewareName,
  neutral: (draft, promptTokens) =>
    makeMiddleware(name, optionsFor(promptTokens), { draft: () => draft }),
}));

/** The middlewares installed one after another. */
export function useAll(
  start: Pipeline<Capability, unknown>,
  middlewares: readonly Middleware<string, Capability>[],
): Pipeline<Capability, unknown> {
  return middlewares.reduce((stack, middleware) => stack.use(middleware), start);
}
