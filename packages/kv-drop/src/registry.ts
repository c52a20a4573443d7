import { type Capability, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import { expectedAttention, expectedAttentionOptions } from './policies/expected-attention.js';
import { h2o, h2oOptions } from './policies/h2o.js';
import { keyDiff } from './policies/key-diff.js';
import { knorm } from './policies/knorm.js';
import { lagKV, lagKVOptions } from './policies/lag-kv.js';
import { observedAttention } from './policies/observed-attention.js';
import { pyramidKV, pyramidKVOptions } from './policies/pyramid-kv.js';
import { randomRows } from './policies/random-rows.js';
import { snapKV, snapKVOptions } from './policies/snap-kv.js';
import { specKV, specKVOptions } from './policies/spec-kv.js';
import { streamingLLM, streamingLLMOptions } from './policies/streaming-llm.js';
import { tova } from './policies/tova.js';
import type { Policy } from './scoring/policy.js';
import { chunked, chunkedOptions } from './wrappers/chunked.js';
import { layerBudgets, layerShares } from './wrappers/layer-budgets.js';
import { protectRows, protectRowsOptions } from './wrappers/protect-rows.js';

/** A policy that can be made by name, with options from a command line, a file or a request. */
export interface PolicyEntry {
  /** Checks the options and fills in defaults. */
  readonly options: z.ZodType;
  /** Options that are objects of the program, such as a decoder: JSON cannot hold them. */
  readonly live: readonly string[];
  /** The policy's own factory. @param options as it documents them */
  readonly make: (options: never) => Policy<Capability>;
}

/** A wrapper that can be put around a policy by name. */
export interface PolicyWrapperEntry {
  /** Checks the options and fills in defaults. */
  readonly options: z.ZodType;
  /** The wrapper's own function. @param options as it documents them */
  readonly make: (policy: Policy<Capability>, options: never) => Policy<Capability>;
}

const noOptions = z.strictObject({});

/** Every policy by name. */
export const policies = {
  expectedAttention: entry(expectedAttentionOptions, expectedAttention),
  h2o: entry(h2oOptions, h2o),
  keyDiff: entry(noOptions, keyDiff),
  knorm: entry(noOptions, knorm),
  lagKV: entry(lagKVOptions, lagKV),
  observedAttention: entry(noOptions, observedAttention),
  pyramidKV: entry(pyramidKVOptions, pyramidKV),
  random: entry(noOptions, randomRows),
  snapKV: entry(snapKVOptions, snapKV),
  specKV: entry(specKVOptions, specKV, ['draft']),
  streamingLLM: entry(streamingLLMOptions, streamingLLM),
  tova: entry(noOptions, tova),
} as const satisfies { readonly [name: string]: PolicyEntry };
export type PolicyName = keyof typeof policies;

/** Every wrapper of a policy by name. */
export const policyWrappers = {
  chunked: { options: chunkedOptions, make: chunked },
  layerBudgets: { options: layerShares, make: layerBudgets },
  protectRows: { options: protectRowsOptions, make: protectRows },
} as const satisfies { readonly [name: string]: PolicyWrapperEntry };
export type PolicyWrapperName = keyof typeof policyWrappers;

const nameSchema = z.enum(Object.keys(policies) as PolicyName[]);

/**
 * Makes a policy by its name in `policies`.
 *
 * ```ts
 * kvDrop({ policy: makePolicy('snapKV', { window: 16 }), budget: 256 });
 * ```
 * @param options default: the policy's own defaults
 * @throws InvalidOptionsError if there is no such policy, or for an option that is wrong or that
 * the policy does not have
 */
export function makePolicy(name: PolicyName, options: unknown = {}): Policy<Capability> {
  const known = parseOptions('makePolicy', nameSchema, name);
  const { options: schema, make }: PolicyEntry = policies[known];
  return make(parseOptions(name, schema, options) as never);
}

/** Infers the type of the options that `make` takes. */
function entry<Schema extends z.ZodType, Needs extends Capability>(
  options: Schema,
  make: (options: z.input<Schema>) => Policy<Needs>,
  live: readonly string[] = [],
) {
  return { options, live, make };
}
