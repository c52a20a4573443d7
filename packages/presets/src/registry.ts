import type { Capability, Middleware } from '@pliant/core';
import type { DraftingDecoder, MiddlewareEntry, PresetOptions } from './entry.js';
import { constrainEntry } from './middlewares/constrain.js';
import { kvDropEntry } from './middlewares/kv-drop.js';
import { layerSkipEntry } from './middlewares/layer-skip.js';
import { promptCompressEntry } from './middlewares/prompt-compress.js';
import { promptLookupEntry } from './middlewares/prompt-lookup.js';
import { selfSpeculateEntry } from './middlewares/self-speculate.js';
import { PresetError } from './preset-error.js';

/** Every middleware by the name that metrics and warnings give it, in the order in which a stack installs them. */
export const middlewares = {
  'prompt-compress': promptCompressEntry,
  'kv-drop': kvDropEntry,
  'layer-skip': layerSkipEntry,
  constrain: constrainEntry,
  'prompt-lookup': promptLookupEntry,
  'self-speculate': selfSpeculateEntry,
} as const satisfies { readonly [name: string]: MiddlewareEntry };

export type MiddlewareName = keyof typeof middlewares;

export const middlewareNames = Object.keys(middlewares) as readonly MiddlewareName[];

/** Options as plain JSON, by middleware. */
export type Settings = { readonly [name in MiddlewareName]?: PresetOptions };

/** @throws PresetError for another name, with those that there are */
export function middlewareName(name: string): MiddlewareName {
  if (Object.hasOwn(middlewares, name)) return name as MiddlewareName;
  throw new PresetError(`'${name}' is not a middleware; there are ${middlewareNames.join(', ')}`);
}

/**
 * Makes a middleware by name.
 *
 * @param options plain JSON; the preset's defaults are used for what they leave open
 * @throws PresetError for a name or an option that there is not; what the middleware's own factory throws
 */
export function makeMiddleware(
  name: string,
  options: PresetOptions,
  decoder: DraftingDecoder,
): Middleware<string, Capability> {
  const entry: MiddlewareEntry = middlewares[middlewareName(name)];
  return entry.make({ ...entry.defaults(options, decoder), ...options }, decoder);
}

/** Makes several, in the given order. @throws as `makeMiddleware` */
export function makeStack(
  names: readonly string[],
  settings: Settings,
  decoder: DraftingDecoder,
): Middleware<string, Capability>[] {
  return names.map((name) => makeMiddleware(name, settings[name as MiddlewareName] ?? {}, decoder));
}
