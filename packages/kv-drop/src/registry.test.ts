import { InvalidOptionsError } from '@pliant/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod/v4';
import * as exported from './index.js';
import type { ExpectedAttentionOptions } from './policies/expected-attention.js';
import type { H2OOptions } from './policies/h2o.js';
import type { LagKVOptions } from './policies/lag-kv.js';
import type { PyramidKVOptions } from './policies/pyramid-kv.js';
import type { SnapKVOptions } from './policies/snap-kv.js';
import type { SpecKVOptions } from './policies/spec-kv.js';
import type { StreamingLLMOptions } from './policies/streaming-llm.js';
import {
  makePolicy,
  type PolicyName,
  type PolicyWrapperName,
  policies,
  policyWrappers,
} from './registry.js';
import type { ChunkedOptions } from './wrappers/chunked.js';
import type { LayerShares } from './wrappers/layer-budgets.js';
import type { ProtectRowsOptions } from './wrappers/protect-rows.js';

type None = Readonly<Record<string, never>>;

/** The options as documented. */
interface Documented {
  readonly expectedAttention: ExpectedAttentionOptions;
  readonly h2o: H2OOptions;
  readonly keyDiff: None;
  readonly knorm: None;
  readonly lagKV: LagKVOptions;
  readonly observedAttention: None;
  readonly pyramidKV: PyramidKVOptions;
  readonly random: None;
  readonly snapKV: SnapKVOptions;
  readonly specKV: SpecKVOptions;
  readonly streamingLLM: StreamingLLMOptions;
  readonly tova: None;
}

describe('the registry of policies', () => {
  it('has schemas that take what is documented, and nothing else', () => {
    type Given = {
      readonly [Name in PolicyName]: Readonly<z.input<(typeof policies)[Name]['options']>>;
    };
    expectTypeOf<Given>().toEqualTypeOf<Documented>();
    type GivenTo<Name extends PolicyWrapperName> = z.input<
      (typeof policyWrappers)[Name]['options']
    >;
    expectTypeOf<Readonly<GivenTo<'chunked'>>>().toEqualTypeOf<ChunkedOptions>();
    expectTypeOf<GivenTo<'layerBudgets'>>().toEqualTypeOf<LayerShares>();
    expectTypeOf<Readonly<GivenTo<'protectRows'>>>().toEqualTypeOf<ProtectRowsOptions>();
  });

  it('lists every policy and wrapper that the package exports', () => {
    const others = ['kvDrop', 'makePolicy'];
    const functions = Object.entries(exported).flatMap(([name, value]) =>
      typeof value === 'function' && !others.includes(name) ? [value] : [],
    );
    const listed = [...Object.values(policies), ...Object.values(policyWrappers)];
    expect(new Set<unknown>(listed.map(({ make }) => make))).toEqual(new Set(functions));
  });

  it.each(Object.keys(policies) as PolicyName[])('makes %s, with its own defaults', (name) => {
    expect(makePolicy(name).name).toBe(name);
  });

  it('makes a policy with options', () => {
    expect(makePolicy('streamingLLM', { sinks: 7 }).minimumBudget).toBe(8);
  });

  it.each([
    ['tova', { window: 3 }, 'tova: Unrecognized key'],
    ['snapKV', { window: 0 }, "snapKV: option 'window'"],
    ['snapKv', {}, 'makePolicy: Invalid option: expected one of "'],
    ['toString', {}, 'makePolicy: Invalid option'],
  ])('refuses %s with %j', (name, options, message) => {
    const making = () => makePolicy(name as PolicyName, options);
    expect(making).toThrow(InvalidOptionsError);
    expect(making).toThrow(message);
  });
});
