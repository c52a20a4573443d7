import { constrain } from '@pliant/constrain';
import type { Capability, Decoder, Middleware } from '@pliant/core';
import type { OrtDecoder } from '@pliant/engine-ort';
import {
  type ChunkedOptions,
  chunked,
  expectedAttention,
  h2o,
  type KvDropOptions,
  keyDiff,
  knorm,
  kvDrop,
  type LayerShares,
  lagKV,
  layerBudgets,
  observedAttention,
  type Policy,
  type ProtectRowsOptions,
  protectRows,
  pyramidKV,
  randomRows,
  snapKV,
  specKV,
  streamingLLM,
  tova,
} from '@pliant/kv-drop';
import { layerSkip } from '@pliant/layer-skip';
import { promptCompress, type SelectionOptions } from '@pliant/prompt-compress';
import {
  type PromptLookupOptions,
  promptLookup,
  type SelfSpeculateOptions,
  selfSpeculate,
} from '@pliant/speculate';
import type { MiddlewareName, Settings } from './arguments.js';
import { constrainOptions } from './constrain-options.js';
import { layerSkipOptions } from './layer-skip-options.js';
import { UsageError } from './usage-error.js';

type Options = Record<string, unknown>;
/** What of the decoder the options need. */
type Drafting = Pick<OrtDecoder, 'defaults'> & { draft(options: { layers: number }): Decoder };

const policies: { readonly [name: string]: (options: Options) => Policy<Capability> } = {
  expectedAttention,
  h2o,
  keyDiff: withoutOptions('keyDiff', keyDiff),
  knorm: withoutOptions('knorm', knorm),
  lagKV,
  observedAttention: withoutOptions('observedAttention', observedAttention),
  pyramidKV,
  random: withoutOptions('random', randomRows),
  snapKV,
  specKV: (options) => specKV({ lookahead: 16, ...options }),
  streamingLLM,
  tova: withoutOptions('tova', tova),
};

/** Around a policy, given as one more option of it: `kv-drop.policy.chunked.size=20`. The last one is the outermost. */
const wrappers: {
  readonly [name: string]: (policy: Policy<Capability>, options: unknown) => Policy<Capability>;
} = {
  chunked: (policy, options) => chunked(policy, options as ChunkedOptions),
  layerBudgets: (policy, shares) => layerBudgets(policy, shares as LayerShares),
  protectRows: (policy, options) => protectRows(policy, options as ProtectRowsOptions),
};

/** Each middleware with the runner's defaults; what is wrong in `options` is refused by the middleware itself. */
const build = {
  'prompt-compress': (options: Options, decoder: Drafting) =>
    promptCompress(compressOptions(options, decoder)),
  'kv-drop': ({ policy = 'snapKV', ...options }: Options) =>
    kvDrop({ policy: makePolicy(policy), budget: 160, ...options } as KvDropOptions<Capability>),
  'layer-skip': (options: Options) => layerSkip(layerSkipOptions(options)),
  'prompt-lookup': (options: Options) => promptLookup(options as PromptLookupOptions),
  'self-speculate': (options: Options) =>
    selfSpeculate({ ...(!options.layers && { skip: 6 }), ...options } as SelfSpeculateOptions),
  constrain: (options: Options) => constrain(...constrainOptions(options)),
};

/** The options of prompt-compress, the runner's defaults among them. */
export function compressOptions(given: Options, decoder: Drafting) {
  // What else the descriptor records (heads, minTokens) the middleware finds itself, so that options beside it are not refused.
  const measured = (decoder.defaults?.['prompt-compress'] ?? {}) as Options;
  const { draft, ...options } = { draft: measured.draft ?? 10, keep: 200, ...given };
  const layers = Number(draft);
  return { draft: decoder.draft({ layers }), ...options } as SelectionOptions & { draft: Decoder };
}

/** The middlewares of `--stack`, in its order. */
export function makeStack(
  names: readonly MiddlewareName[],
  settings: Settings,
  decoder: Drafting,
): Middleware<string, Capability>[] {
  return names.map((name) => {
    return build[name](settings[name] ?? {}, decoder);
  });
}

function makePolicy(policy: unknown) {
  const asked = typeof policy === 'object' && policy !== null ? policy : { name: policy };
  const { name = 'snapKV', ...given } = asked as Options;
  const known = String(name);
  if (!Object.hasOwn(policies, known))
    throw new UsageError(
      `kv-drop.policy '${name}' is not a policy; there are ${Object.keys(policies).join(', ')}`,
    );
  const isWrapper = ([option]: [string, unknown]) => Object.hasOwn(wrappers, option);
  const options = Object.entries(given).filter((entry) => !isWrapper(entry));
  return Object.entries(given)
    .filter(isWrapper)
    .reduce(
      (wrapped, [wrapper, own]) => wrappers[wrapper](wrapped, own),
      policies[known](Object.fromEntries(options)),
    );
}

function withoutOptions(name: string, factory: () => Policy<Capability>) {
  return (options: Options) => {
    const [option] = Object.keys(options);
    if (option) throw new UsageError(`kv-drop.policy ${name} has no option '${option}'`);
    return factory();
  };
}
