import { parseArguments } from '@pliant/core';
import { z } from 'zod/v4';
import { PresetError } from '../preset-error.js';
import { type MiddlewareName, middlewareName, type Settings } from '../registry.js';
import { parseSettings } from './parse-settings.js';

const stackArguments = z.strictObject({ stack: z.string(), assignments: z.array(z.string()) });

/**
 * Reads a stack as a command line gives it: `--stack a,b` and any number of `--set
 * NAME.OPTION=VALUE`.
 *
 * ```ts
 * parseStack('kv-drop,layer-skip', ['kv-drop.policy=snapKV', 'kv-drop.policy.window=16']);
 * // names: ['kv-drop', 'layer-skip']
 * // settings: { 'kv-drop': { policy: { name: 'snapKV', window: 16 } } }
 * ```
 * @param stack names with commas; '' is the plain run
 * @param assignments an option each. The value is JSON or else text. Dots nest; a text that nested
 * options join becomes the `name` beside them.
 * @throws PresetError for an unknown middleware, one that is there twice, and an assignment of
 * another form or to a middleware that is not in the stack
 */
export function parseStack(
  stack: string,
  assignments: readonly string[] = [],
): { readonly names: readonly MiddlewareName[]; readonly settings: Settings } {
  parseArguments('parseStack', stackArguments, { stack, assignments });
  const names = stack.split(',').filter(Boolean).map(middlewareName);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice) throw new PresetError(`'${twice}' is in --stack twice`);
  const settings = parseSettings(assignments);
  for (const name of Object.keys(settings))
    if (!names.includes(name as MiddlewareName))
      throw new PresetError(`--set ${name}... has no effect: '${name}' is not in --stack`);
  return { names, settings };
}
