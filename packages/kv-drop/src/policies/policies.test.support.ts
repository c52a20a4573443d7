import type { Capability, EncodedPrompt, PromptSpan } from '@pliant/core';
import type { MockDecoder } from '@pliant/core/testing';
import type { LayerRows, Policy } from '../scoring/policy.js';
import { chunked } from '../wrappers/chunked.js';
import { layerBudgets } from '../wrappers/layer-budgets.js';
import { protectRows } from '../wrappers/protect-rows.js';
import { expectedAttention } from './expected-attention.js';
import { h2o } from './h2o.js';
import { keyDiff } from './key-diff.js';
import { knorm } from './knorm.js';
import { lagKV } from './lag-kv.js';
import { observedAttention } from './observed-attention.js';
import { pyramidKV } from './pyramid-kv.js';
import { random } from './random.js';
import { snapKV } from './snap-kv.js';
import { specKV } from './spec-kv.js';
import { streamingLLM } from './streaming-llm.js';
import { tova } from './tova.js';

/** Every policy, with options for prompts of 60 to 100 tokens and budgets from 12 rows on. Each test of the matrix runs with each. */
export const policies: { [name: string]: (decoder: MockDecoder) => Policy<Capability> } = {
  'chunked around snapKV': () => chunked(snapKV({ window: 8, kernel: 5 }), { size: 6 }),
  expectedAttention: () => expectedAttention({ future: 32, queries: 24 }),
  h2o: () => h2o(),
  keyDiff: () => keyDiff(),
  knorm: () => knorm(),
  lagKV: () => lagKV({ sinks: 2, lag: 8 }),
  'layerBudgets around tova': () => layerBudgets(tova(), (layer) => 4 - layer / 2),
  observedAttention: () => observedAttention(),
  'protectRows around h2o': () => protectRows(h2o(), { template: false }),
  'pyramidKV, flat': () => pyramidKV({ window: 8, kernel: 5 }),
  'pyramidKV, steep': () => pyramidKV({ window: 3, beta: 3 }),
  random: () => random(),
  snapKV: () => snapKV({ window: 8, kernel: 5 }),
  'specKV, for itself': () => specKV({ window: 8, kernel: 5, lookahead: 4 }),
  'specKV, on a reduced copy': () =>
    specKV({ window: 8, kernel: 5, lookahead: 4, lookaheadBudget: 12 }),
  'specKV, no look-ahead': () => specKV({ window: 8, kernel: 5, lookahead: 0 }),
  'specKV, with a draft': (decoder) =>
    specKV({ draft: decoder.draft({ layers: 3 }), window: 8, reduction: 'mean', pool: 'mean' }),
  streamingLLM: () => streamingLLM(),
  tova: () => tova(),
};

const { 'pyramidKV, steep': _, 'layerBudgets around tova': __, ...others } = policies;
/** Those that give each layer the same budget. */
export const level = others;

/** A layer for `score`, with one KV head, one dimension and nothing to read where not given. */
export function layerRows(given: Partial<LayerRows> & Pick<LayerRows, 'rows'>): LayerRows {
  const nothing = () => {
    throw new Error('this layer has no keys, values or random numbers');
  };
  return {
    layer: 0,
    kvHeads: 1,
    headDim: 1,
    newRows: given.rows,
    candidates: given.rows - 1,
    positions: () => Int32Array.from({ length: given.rows }, (_, row) => row),
    keys: nothing,
    values: nothing,
    random: nothing,
    ...given,
  };
}

/** A policy that gives these scores, [kvHead][candidate], whatever the layer. */
export function scoring(...scores: readonly (readonly number[])[]): Policy<never> {
  return {
    name: 'scoring',
    requires: [],
    minimumBudget: 1,
    score: () => scores.map((head) => Float32Array.from(head)),
  };
}

/** A prompt of `tokens` tokens of one byte each. */
export function encodedPrompt(tokens: number, spans: readonly PromptSpan[] = []): EncodedPrompt {
  const byteStart = Int32Array.from({ length: tokens }, (_, token) => token);
  return {
    ids: new Int32Array(tokens).fill(97),
    text: 'a'.repeat(tokens),
    byteStart,
    byteEnd: byteStart.map((start) => start + 1),
    spans,
  };
}

/** Per policy of the reference: what it kept, `[layer][kvHead]`, and the scores that it ranked by, `[layer][kvHead][token]`. */
export interface Golden {
  readonly prompts: {
    readonly long: {
      readonly ids: readonly number[];
      readonly policies: {
        readonly [policy in
          | 'snapKv'
          | 'streamingLlm'
          | 'tova'
          | 'knorm'
          | 'keyDiff'
          | 'observedAttention']: {
          readonly settings: { readonly capacity: number; readonly [setting: string]: number };
          readonly refeed: {
            readonly kept: number[][][];
            readonly scores: { readonly values: number[][][] };
          };
        };
      } & {
        readonly specKv: {
          readonly settings: { capacity: number; window: number; kernel: number };
          readonly kept: number[][][];
          readonly scores: { readonly beforePooling: number[][][] };
        };
      };
    };
  };
}
