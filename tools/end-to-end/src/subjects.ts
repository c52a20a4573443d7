import { constrain, regex } from '@pliant/constrain';
import type { Capability, Middleware, Pipeline } from '@pliant/core';
import { kvDrop, snapKV } from '@pliant/kv-drop';
import { layerSkip } from '@pliant/layer-skip';
import { promptCompress } from '@pliant/prompt-compress';
import { promptLookup, selfSpeculate } from '@pliant/speculate';
import type { EmbeddedDecoder } from './open-embedded.js';

export interface Subject {
  readonly name:
    | 'prompt-compress'
    | 'constrain'
    | 'kv-drop'
    | 'layer-skip'
    | 'prompt-lookup'
    | 'self-speculate';
  /** Set to change nothing on a prompt of exactly `promptTokens`, 9 or more. */
  neutral(draft: EmbeddedDecoder, promptTokens: number): Middleware<string, Capability>;
}

/** The middlewares. */
export const subjects: readonly Subject[] = [
  {
    name: 'prompt-compress',
    neutral: (draft, promptTokens) => promptCompress({ draft, keep: promptTokens, window: 8 }),
  },
  { name: 'constrain', neutral: () => constrain(regex(/[\s\S]*/)) },
  {
    name: 'kv-drop',
    neutral: (_draft, promptTokens) =>
      kvDrop({ policy: snapKV({ window: 8 }), budget: promptTokens }),
  },
  { name: 'layer-skip', neutral: () => layerSkip({ skip: 0 }) },
  { name: 'prompt-lookup', neutral: () => promptLookup() },
  // A draft without one layer costs nearly as much as the model: sampled, it drafts nothing and draws what the plain run draws.
  { name: 'self-speculate', neutral: () => selfSpeculate({ skip: 1 }) },
];

/** The middlewares installed one after another. */
export function useAll(
  start: Pipeline<Capability, unknown>,
  middlewares: readonly Middleware<string, Capability>[],
): Pipeline<Capability, unknown> {
  return middlewares.reduce((stack, middleware) => stack.use(middleware), start);
}
