import { type Capability, type Middleware, parseArguments } from '@pliant/core';
import { z } from 'zod/v4';
import {
  type DraftingDecoder,
  draftingDecoderSchema,
  type MiddlewareEntry,
  type PresetOptions,
  presetOptionsSchema,
} from './entry.js';
import { constrainEntry } from './middlewares/constrain.js';
import { kvDropEntry } from './middlewares/kv-drop.js';
import { layerSkipEntry } from './middlewares/layer-skip.js';
import { promptCompressEntry } from './middlewares/prompt-compress.js';
import { promptLookupEntry } from './middlewares/prompt-lookup.js';
import { selfSpeculateEntry } from './middlewares/self-speculate.js';
import { PresetError } from './preset-error.js';

/**
 * Every middleware by the name that metrics and warnings give it, in the order in which a stack
 * installs them.
 */
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

const nameArguments = z.strictObject({ name: z.string() });
const middlewareArguments = z.strictObject({
  name: z.string(),
  options: presetOptionsSchema,
  decoder: draftingDecoderSchema,
});
const stackArguments = z.strictObject({
  names: z.array(z.string()),
  settings: z.record(z.string(), presetOptionsSchema.optional()),
  decoder: draftingDecoderSchema,
});

/** @throws PresetError for another name, with those that there are */
export function middlewareName(name: string): MiddlewareName {
  parseArguments('middlewareName', nameArguments, { name });
  if (Object.hasOwn(middlewares, name)) return name as MiddlewareName;
  throw new PresetError(`'${name}' is not a middleware; there are ${middlewareNames.join(', ')}`);
}

/**
 * Makes a middleware by name.
 *
 * @param options plain JSON; the preset's defaults are used for what they leave open
 * @throws PresetError for a name or an option that there is not; what the middleware's own factory
 * throws
 */
export function makeMiddleware(
  name: string,
  options: PresetOptions,
  decoder: DraftingDecoder,
): Middleware<string, Capability> {
  parseArguments('makeMiddleware', middlewareArguments, { name, options, decoder });
  const entry: MiddlewareEntry = middlewares[middlewareName(name)];
  return entry.make({ ...entry.defaults(options, decoder), ...options }, decoder);
}

/** Makes several, in the given order. @throws as `makeMiddleware` */
export function makeStack(
  names: readonly string[],
  settings: Settings,
  decoder: DraftingDecoder,
): Middleware<string, Capability>[] {
  parseArguments('makeStack', stackArguments, { names, settings, decoder });
  return names.map((name) => makeMiddleware(name, settings[name as MiddlewareName] ?? {}, decoder));
}
