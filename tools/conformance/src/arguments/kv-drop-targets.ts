import * as kv from '@pliant/kv-drop';
import { decoder, run } from './surroundings.js';
import type { PackageTargets, Target } from './target.js';

const budget = 40;

/** Options for the mock decoder's short prompts; those of other policies are their defaults. */
const small: { readonly [name: string]: object } = {
  snapKV: { window: 8, kernel: 3 },
  pyramidKV: { window: 8, kernel: 3, beta: 10 },
  lagKV: { sinks: 2, lag: 8 },
  specKV: { lookahead: 2, lookaheadBudget: 40, writtenAhead: false, window: 8, kernel: 3 },
  expectedAttention: { future: 8, queries: 8, sinks: 2, valueNorm: true, epsilon: 0.1 },
};

/** Every policy, with every option spelled out, so that each is given every wrong value. */
const policies = Object.entries(kv.policies).map(([name, { options, make }]): Target => {
  const given = options.parse(small[name] ?? {});
  return {
    name: make.name,
    args: () => [structuredClone(given)],
    call: (own) => run(kv.kvDrop({ policy: make(own), budget })),
  };
});

const wrapped = (name: 'chunked' | 'protectRows' | 'layerBudgets', options: unknown): Target => ({
  name,
  args: () => [kv.knorm(), structuredClone(options)],
  call: (...given) => {
    // biome-ignore lint/performance/noDynamicNamespaceImportAccess: tests are not bundled
    const wrap = kv[name] as (...given: unknown[]) => kv.Policy;
    return run(kv.kvDrop({ policy: wrap(...given), budget }));
  },
});

const ownPolicy = (): kv.Policy => ({
  name: 'own',
  requires: [],
  minimumBudget: 1,
  check: () => {},
  layerBudgets: (rows, layers) => new Array(layers).fill(rows),
  protect: () => [0],
  score: ({ kvHeads, candidates }) =>
    Array.from({ length: kvHeads }, () => new Float32Array(candidates)),
});

export const kvDropTargets: PackageTargets = {
  name: 'kv-drop',
  exports: kv,
  leftOut: {},
  targets: [
    ...policies,
    wrapped('chunked', { size: 4 }),
    wrapped('protectRows', { first: 2, roles: ['system'], marked: true, template: true }),
    wrapped('layerBudgets', Array(10).fill(1)),
    {
      name: 'specKV with a draft',
      args: () => [
        { lookahead: 2, window: 8, kernel: 3, pool: 'max', draft: decoder({ seed: 3 }) },
      ],
      call: (options) => run(kv.kvDrop({ policy: kv.specKV(options), budget })),
    },
    {
      name: 'kvDrop',
      args: () => [
        { policy: ownPolicy(), budget, every: 4, betweenChunks: false, positions: 'original' },
      ],
      call: (options) => run(kv.kvDrop(options)),
    },
    ...(['score', 'layerBudgets', 'protect'] as const).map(
      (method): Target => ({
        name: `what ${method} of a policy returns`,
        args: () => [undefined],
        call: (value) => {
          const policy = ownPolicy();
          const given = { ...policy, [method]: value === undefined ? policy[method] : () => value };
          return run(kv.kvDrop({ policy: given, budget }));
        },
      }),
    ),
    {
      name: 'makePolicy',
      args: () => ['snapKV', { window: 8, kernel: 3 }],
      call: (name, options) => run(kv.kvDrop({ policy: kv.makePolicy(name, options), budget })),
    },
  ],
};
