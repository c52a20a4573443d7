import { type Capability, InvalidOptionsError, parseArguments, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import { apportion } from '../scoring/apportion.js';
import type { Policy } from '../scoring/policy.js';
import { wrappedSchema } from '../scoring/policy-schema.js';

const name = 'layerBudgets';
const share = z.number().positive();
export const layerShares = z.union(
  [
    z.array(share).min(1).readonly(),
    z.custom<ShareOfLayer>((value) => typeof value === 'function'),
  ],
  'must be positive numbers, one a layer, or a function of the layer',
);

/** @param layer 0 to `layers` - 1, counting only layers without a sliding window */
type ShareOfLayer = (layer: number, layers: number) => number;

/**
 * Relative shares of the layers without a sliding window, in order: one positive number per layer,
 * or a function.
 */
export type LayerShares = readonly number[] | ShareOfLayer;

/**
 * Gives each layer its own share. The mean over the layers stays the budget. No layer gets fewer
 * rows than `policy` needs, or more than it has; the others share the difference. Replaces the
 * policy's own layer budgets (`pyramidKV`). Costs nothing.
 *
 * @throws InvalidArgumentError, InvalidOptionsError; at `.use()` for a wrong number of shares, or a
 * function that returns a wrong one
 */
export function layerBudgets<Needs extends Capability>(
  policy: Policy<Needs>,
  shares: LayerShares,
): Policy<Needs> {
  parseArguments(name, wrappedSchema, { policy });
  const given = parseOptions(name, layerShares, shares);
  return {
    ...policy,
    name: `${name}(${policy.name})`,
    check(decoder) {
      policy.check?.(decoder);
      const { layers, slidingWindows = [] } = decoder.shape;
      sharesOf(given, layers - slidingWindows.filter((window) => window > 0).length);
    },
    layerBudgets: (budget, layers, candidates) =>
      apportion(
        budget * layers,
        sharesOf(given, layers),
        Math.min(budget, policy.minimumBudget),
        candidates,
      ),
  };
}

/** [layers] */
function sharesOf(shares: LayerShares, layers: number): readonly number[] {
  if (typeof shares === 'function')
    return parseOptions(
      name,
      z.array(share),
      Array.from({ length: layers }, (_, layer) => shares(layer, layers)),
    );
  if (shares.length !== layers)
    throw new InvalidOptionsError(name, [
      {
        path: 'shares',
        message: `${shares.length} shares for ${layers} layers without a sliding window`,
      },
    ]);
  return shares;
}
