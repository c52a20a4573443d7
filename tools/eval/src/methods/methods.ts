import type { Capability } from '@pliant/core';
import { makePolicy, type Policy, type PolicyName, policies } from '@pliant/kv-drop';

/** The first rows of the tables; `random`, the control, is the last. */
const first: readonly PolicyName[] = ['specKV', 'snapKV', 'pyramidKV', 'tova', 'h2o'];
/** Options that are not a policy's default. */
const options: { readonly [name in PolicyName]?: object } = { specKV: { lookahead: 16 } };

const others = (Object.keys(policies) as PolicyName[]).filter(
  (name) => !first.includes(name) && name !== 'random',
);

/** Every policy of kv-drop, in the order of the tables. */
export const methods: { readonly [name: string]: () => Policy<Capability> } = Object.fromEntries(
  [...first, ...others, 'random' as const].map((name) => [
    name,
    () => makePolicy(name, options[name]),
  ]),
);
