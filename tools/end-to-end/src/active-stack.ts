import { constrain, regex } from '@pliant/constrain';
import type { Capability, Middleware } from '@pliant/core';
import { kvDrop, snapKV } from '@pliant/kv-drop';
import { layerSkip } from '@pliant/layer-skip';
import { promptCompress } from '@pliant/prompt-compress';
import type { EmbeddedDecoder } from './open-embedded.js';

/** One sentence of at most 62 characters, so that 64 tokens always suffice. */
export const sentence = /[A-Z][a-z ,']{1,60}[.!?]/;

/** The middlewares that change the text, all at work. */
export function activeStack(
  draft: EmbeddedDecoder,
  { keep, budget, window }: { keep: number; budget: number; window: number },
): Middleware<string, Capability>[] {
  return [
    // Also of prompts too short to pay off.
    promptCompress({ draft, keep, window, minTokens: 0, unit: 'token' }),
    kvDrop({ policy: snapKV({ window }), budget }),
    layerSkip({ layers: [12] }),
    constrain(regex(sentence)),
  ];
}
