import type { Capability } from '@pliant/core';
import {
  adaSkip,
  evenlySpread,
  type LayerSelector,
  type LayerSkipOptions,
  promptInfluence,
  shortGPT,
  staticGreedy,
  unifiedSkipping,
} from '@pliant/layer-skip';
import { UsageError } from './usage-error.js';

/** Those that need no file. */
const selectors: { readonly [name: string]: () => LayerSelector<Capability> } = {
  adaSkip: () => adaSkip(),
  evenlySpread,
  promptInfluence,
  shortGPT: () => shortGPT(),
  staticGreedy: () => staticGreedy(),
  unified: unifiedSkipping,
};

/** The options of layer-skip, the runner's default among them: one layer, unless the options say which or by what threshold. */
export function layerSkipOptions(
  given: Readonly<Record<string, unknown>>,
): LayerSkipOptions<Capability> {
  const { selector, ...options } = given;
  const skip = options.layers === undefined && options.threshold === undefined ? { skip: 1 } : {};
  const chosen = selector === undefined ? {} : { selector: makeSelector(String(selector)) };
  return { ...skip, ...chosen, ...options } as LayerSkipOptions<Capability>;
}

function makeSelector(name: string): LayerSelector<Capability> {
  if (Object.hasOwn(selectors, name)) return selectors[name]();
  const names = Object.keys(selectors).join(', ');
  throw new UsageError(`layer-skip.selector '${name}' is not a selector; there are ${names}`);
}
