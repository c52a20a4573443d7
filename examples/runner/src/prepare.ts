import type { Capability, Middleware } from '@pliant/core';
import type { OrtDecoder } from '@pliant/engine-ort';

/** Collects the drafts that a stack makes of a decoder. */
export function recordDrafts(decoder: OrtDecoder) {
  const drafts: OrtDecoder[] = [];
  const drafting = {
    defaults: decoder.defaults,
    draft(options: { readonly layers: number }): OrtDecoder {
      const draft = decoder.draft(options);
      drafts.push(draft);
      return draft;
    },
  };
  return { drafting, drafts };
}

/**
 * Builds what a stack runs on, so that its times are those of a process that has answered before.
 */
export async function prepareStack(
  decoder: OrtDecoder,
  middlewares: readonly Middleware<string, Capability>[],
  drafts: readonly OrtDecoder[],
): Promise<void> {
  const needs = middlewares.flatMap(({ requires, optional = [] }) => [...requires, ...optional]);
  await decoder.prepare([...new Set(needs)].filter((need) => decoder.capabilities.has(need)));
  for (const draft of drafts) await draft.prepare(['scores']);
}
