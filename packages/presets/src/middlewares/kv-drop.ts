import { type Capability, show } from '@pliant/core';
import {
  type KvDropOptions,
  kvDrop,
  kvDropOptions,
  makePolicy,
  type Policy,
  type PolicyEntry,
  type PolicyWrapperEntry,
  policies,
  policyWrappers,
} from '@pliant/kv-drop';
import { z } from 'zod/v4';
import { middlewareEntry, type PresetOptions } from '../entry.js';
import { PresetError } from '../preset-error.js';

const policyName = z.enum(Object.keys(policies) as (keyof typeof policies)[]);

/**
 * `policy` is a name, or `{ name, ... }` with the policy's options and, as one more of them each,
 * wrappers; the last is the outermost.
 */
export const kvDropEntry = middlewareEntry({
  options: kvDropOptions.extend({
    policy: z.union([policyName, z.looseObject({ name: policyName.optional() })]).optional(),
    budget: kvDropOptions.shape.budget.optional(),
  }),
  defaults: () => ({ policy: 'snapKV', budget: 160 }),
  make: ({ policy, ...options }) =>
    kvDrop({ policy: namedPolicy(policy), ...options } as KvDropOptions<Capability>),
});

/** What the preset gives a policy over its own defaults. */
const ownDefaults: { readonly [policy: string]: PresetOptions } = { specKV: { lookahead: 16 } };

function namedPolicy(policy: unknown): Policy<Capability> {
  const asked = typeof policy === 'object' && policy !== null ? policy : { name: policy };
  const { name = 'snapKV', ...given } = asked as PresetOptions;
  const known = typeof name === 'string' ? name : show(name);
  if (!Object.hasOwn(policies, known))
    throw new PresetError(
      `kv-drop.policy '${known}' is not a policy; there are ${Object.keys(policies).join(', ')}`,
    );
  const isWrapper = ([option]: [string, unknown]) => Object.hasOwn(policyWrappers, option);
  const own = Object.entries(given).filter((entry) => !isWrapper(entry));
  const wrappers: Readonly<Record<string, PolicyWrapperEntry>> = policyWrappers;
  return Object.entries(given)
    .filter(isWrapper)
    .reduce(
      (wrapped, [wrapper, options]) => wrappers[wrapper].make(wrapped, options as never),
      policyOf(known as keyof typeof policies, Object.fromEntries(own)),
    );
}

/** Names an option that is given to a policy without any; wrong ones are refused by the policy. */
function policyOf(name: keyof typeof policies, given: PresetOptions): Policy<Capability> {
  const { options }: PolicyEntry = policies[name];
  const [option] = Object.keys(given);
  const hasOptions = options instanceof z.ZodObject && Object.keys(options.shape).length > 0;
  if (!hasOptions && option)
    throw new PresetError(`kv-drop.policy ${name} has no option '${option}'`);
  return makePolicy(name, { ...ownDefaults[name], ...given });
}
