import { type Capability, show } from '@pliant/core';
import {
  type LayerSelector,
  type LayerSkipOptions,
  layerSkip,
  layerSkipOptions,
  makeSelector,
  type SelectorEntry,
  type SelectorName,
  selectors,
} from '@pliant/layer-skip';
import { z } from 'zod/v4';
import { middlewareEntry } from '../entry.js';
import { PresetError } from '../preset-error.js';

/** Selectors that need nothing but their name: no calibration and no weights from a file. */
export const selectorNames = Object.entries<SelectorEntry>(selectors)
  .filter(([, { options }]) => options.safeParse({}).success)
  .map(([name]) => name as SelectorName);

/**
 * `selector` is a name. One layer is skipped where nothing says which, how many or by what
 * threshold.
 */
export const layerSkipEntry = middlewareEntry({
  options: z.strictObject({
    ...layerSkipOptions.shape,
    selector: z.enum(selectorNames).optional(),
  }),
  defaults: ({ layers, threshold }) =>
    layers === undefined && threshold === undefined ? { skip: 1 } : {},
  make: ({ selector, ...options }) =>
    layerSkip({
      ...(selector !== undefined && { selector: namedSelector(selector) }),
      ...options,
    } as LayerSkipOptions<Capability>),
});

function namedSelector(name: unknown): LayerSelector<Capability> {
  const known = selectorNames.find((other) => other === name);
  if (known) return makeSelector(known);
  throw new PresetError(
    `layer-skip.selector '${typeof name === 'string' ? name : show(name)}' is not a selector; there are ${selectorNames.join(', ')}`,
  );
}
