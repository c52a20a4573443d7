import type { OrtDecoder } from '@pliant/engine-ort';
import { kvDrop, specKV } from '@pliant/kv-drop';
import { promptCompress } from '@pliant/prompt-compress';
import type { Methods } from '../evaluate/mark-answers.js';
import { draftLayers } from './draft-layers.js';
import { specPC } from './spec-pc.js';
import { truncatePrompt } from './truncate-prompt.js';

/** Tokens that the cascade compresses the prompt to, and writes ahead. */
const cascade = { keep: 1024, lookahead: 16 };

/**
 * Every way of compressing a prompt but `full`, in the order of the tables; a line each. A budget
 * is the tokens kept, or rows of the cache. The draft is the decoder's first layers, as measured
 * for it; where it must write, the decoder itself.
 */
export function compressionsOf(decoder: OrtDecoder): Methods {
  const draft = decoder.draft({ layers: draftLayers(decoder) });
  const own = { draft, minTokens: 0 };
  return {
    promptCompress: (keep) => [promptCompress({ ...own, keep })],
    'promptCompress, tokens': (keep) => [promptCompress({ ...own, keep, unit: 'token' })],
    specPC: (keep) => [promptCompress({ ...own, ...specPC(draft), keep })],
    'promptCompress, then specKV': (budget) => [
      promptCompress({ draft: decoder, minTokens: 0, ...cascade }),
      kvDrop({ policy: specKV({ writtenAhead: true }), budget }),
    ],
    'first and last': (keep) => [truncatePrompt({ keep, kind: 'ends' })],
    last: (keep) => [truncatePrompt({ keep, kind: 'last' })],
    random: (keep) => [truncatePrompt({ keep, kind: 'random' })],
  };
}
