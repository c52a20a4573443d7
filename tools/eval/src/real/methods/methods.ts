import type { Capability, Decoder, Middleware } from '@pliant/core';
import { kvDrop, snapKV, specKV } from '@pliant/kv-drop';
import { type PromptCompressOptions, promptCompress } from '@pliant/prompt-compress';
import { specPC } from '../../methods/spec-pc.js';
import { keepBestParts, type Rate } from './keep-best-parts.js';
import { byChance, byContrast, byEnds, bySurprisal, byWords, rememberingReader } from './rates.js';

/** Tokens of a prompt, or rows of the cache: a number of them or a share. */
export type Keep = number | { readonly ratio: number };

/** The part of the prompt that a method is told. */
export interface Subject {
  readonly document: string;
  readonly question: string;
}

type Make = (keep: Keep, subject: Subject) => readonly Middleware<string, Capability>[];

/** In the order of the tables. */
export const methodNames = [
  'plain',
  'promptCompress',
  'auto',
  'no-draft',
  'tokens',
  'specPC',
  'look-ahead',
  'specKV',
  'snapKV',
  'bm25',
  'surprisal',
  'contrast',
  'ends',
  'random',
] as const;
export type MethodName = (typeof methodNames)[number];

/** Methods that are given no `keep`. */
export const withoutKeep: readonly string[] = ['plain', 'auto'] satisfies MethodName[];

/** Methods whose readings of a document are remembered, so that their time says nothing. */
export const untimed: readonly string[] = ['surprisal', 'contrast'] satisfies MethodName[];

/** Tokens that a whole model writes as a draft. */
const lookahead = 8;

/**
 * Every method; `plain` keeps all.
 * @param draft of `promptCompress`: the target's first layers, or a smaller model
 * @param scoring how the draft's attention counts, where not as measured for it
 * @param writer a whole model: the smaller one, or else the target
 */
export function methodsOf(
  draft: Decoder<Capability>,
  writer: Decoder<Capability>,
  scoring: Pick<PromptCompressOptions, 'heads'> = {},
): { readonly [name in MethodName]: Make } {
  const compress = (options: Partial<PromptCompressOptions>): Make => {
    return (keep) => [promptCompress({ draft, minTokens: 0, ...scoring, ...options, keep })];
  };
  const best = (rate: Rate): Make => {
    return (keep, { document, question }) => [keepBestParts({ keep, document, question, rate })];
  };
  const read = rememberingReader(writer);
  return {
    plain: () => [],
    promptCompress: compress({}),
    auto: () => [promptCompress({ draft, minTokens: 0, ...scoring, keep: 'auto' })],
    'no-draft': (keep) => [promptCompress({ keep })],
    tokens: compress({ unit: 'token' }),
    specPC: compress(specPC(draft)),
    'look-ahead': compress({ ...specPC(writer), draft: writer, lookahead }),
    specKV: (budget) => [kvDrop({ policy: specKV(), budget })],
    snapKV: (budget) => [kvDrop({ policy: snapKV(), budget })],
    bm25: best(byWords),
    surprisal: best(bySurprisal(read)),
    contrast: best(byContrast(read)),
    ends: best(byEnds),
    random: best(byChance),
  };
}
