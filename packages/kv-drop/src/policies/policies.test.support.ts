import type { Capability, EncodedPrompt, PromptSpan } from '@pliant/core';
import type { MockDecoder } from '@pliant/core/testing';
import type { z } from 'zod/v4';
import { type PolicyName, type PolicyWrapperName, policies, policyWrappers } from '../registry.js';
import type { LayerRows, Policy } from '../scoring/policy.js';

type Options<Name extends PolicyName> = z.input<(typeof policies)[Name]['options']>;
type Sample<Given> = Given | ((decoder: MockDecoder) => Given);

/**
 * Options of every policy for prompts of 60 to 100 tokens and budgets from 12 rows on, by what is
 * added to its name.
 */
const samples: {
  readonly [Name in PolicyName]: { readonly [label: string]: Sample<Options<Name>> };
} = {
  expectedAttention: { '': { future: 32, queries: 24 } },
  h2o: { '': {} },
  keyDiff: { '': {} },
  knorm: { '': {} },
  lagKV: { '': { sinks: 2, lag: 8 } },
  observedAttention: { '': {} },
  pyramidKV: { ', flat': { window: 8, kernel: 5 }, ', steep': { window: 3, beta: 3 } },
  random: { '': {} },
  snapKV: { '': { window: 8, kernel: 5 } },
  specKV: {
    ', for itself': { window: 8, kernel: 5, lookahead: 4 },
    ', on a reduced copy': { window: 8, kernel: 5, lookahead: 4, lookaheadBudget: 12 },
    ', no look-ahead': { window: 8, kernel: 5, lookahead: 0 },
    ', with a draft': (decoder) => ({
      draft: decoder.draft({ layers: 3 }),
      window: 8,
      reduction: 'mean',
      pool: 'mean',
    }),
  },
  streamingLLM: { '': {} },
  tova: { '': {} },
};

/** Options of every wrapper, and the policy that it is put around. */
const wrapped: {
  readonly [Name in PolicyWrapperName]: {
    readonly around: PolicyName;
    readonly options: z.input<(typeof policyWrappers)[Name]['options']>;
  };
} = {
  chunked: { around: 'snapKV', options: { size: 6 } },
  layerBudgets: { around: 'tova', options: (layer: number) => 4 - layer / 2 },
  protectRows: { around: 'h2o', options: { template: false } },
};

type Make = (decoder: MockDecoder) => Policy<Capability>;

const plain = Object.entries(samples).flatMap(([name, own]) =>
  Object.entries(own).map(([label, sample]): [string, Make] => [
    `${name}${label}`,
    (decoder) => {
      const options = typeof sample === 'function' ? sample(decoder) : sample;
      return policies[name as PolicyName].make(options as never);
    },
  ]),
);
const around = Object.entries(wrapped).map(([name, { around: inner, options }]): [string, Make] => [
  `${name} around ${inner}`,
  (decoder) => {
    const policy = Object.fromEntries(plain)[inner](decoder);
    return policyWrappers[name as PolicyWrapperName].make(policy, options as never);
  },
]);

/** Every policy and every wrapper around one. Each test of the matrix runs with each. */
export const samplePolicies: { readonly [name: string]: Make } = Object.fromEntries([
  ...plain,
  ...around,
]);

const { 'pyramidKV, steep': _, 'layerBudgets around tova': __, ...others } = samplePolicies;
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

/**
 * Per policy of the reference: what it kept, `[layer][kvHead]`, and the scores that it ranked by,
 * `[layer][kvHead][token]`.
 */
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
