import type { Capability, Middleware } from '@pliant/core';
import * as presets from '@pliant/presets';
import { readSettingFiles } from '@pliant/presets/command-line';
import { asUsage } from './usage-error.js';

/**
 * Makes the middlewares of `--stack`, in its order.
 * @throws UsageError for a name, an option or a file that there is not
 */
export function makeStack(
  names: readonly presets.MiddlewareName[],
  settings: presets.Settings,
  decoder: presets.DraftingDecoder,
): Middleware<string, Capability>[] {
  return asUsage(() => presets.makeStack(names, readSettingFiles(settings), decoder));
}
