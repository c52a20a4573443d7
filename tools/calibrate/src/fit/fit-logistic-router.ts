import { linearMap, penalties, type RouterChoice, type TrainingFeatures } from './fit-linear.js';
import { cheapest, type LayerCosts, sumAlone } from './layer-costs.js';
import { fitLogistic } from './logistic.js';
import { meanDiagonal } from './standardise.js';

/**
 * Logistic regression, per layer, of whether it is among the `skip` layers that cost a prompt least
 * alone, with its frequency among them as offset, so that features that say nothing leave the
 * frequencies. Costs are the log-odds that it is not. The penalty is chosen as that of the ridge
 * router.
 */
export function fitLogisticRouter(
  features: TrainingFeatures,
  { alone, base }: LayerCosts,
  skip: number,
): RouterChoice {
  const n = alone.length;
  const isNever = base.map((value) => value === Number.POSITIVE_INFINITY);
  const masked = alone.map((costs) =>
    costs.map((cost, layer) => (isNever[layer] ? Number.POSITIVE_INFINITY : cost)),
  );
  const oracle = masked.map((costs) => new Set(cheapest(costs, skip)));
  const labels = base.map((_, layer) => oracle.map((set) => Number(set.has(layer))));
  const counts = labels.map((own) => own.reduce((sum, label) => sum + label, 0));
  const offsets = counts.map((count) => Math.log((count + 0.5) / (n - count + 0.5)));
  const unit = meanDiagonal(features.gram, n);
  const costOf = (logOdds: (layer: number, prompt: number) => number) =>
    alone.reduce((sum, costs, prompt) => {
      const predicted = offsets.map((offset, layer) =>
        isNever[layer] ? Number.POSITIVE_INFINITY : -offset - logOdds(layer, prompt),
      );
      return sum + sumAlone(costs, cheapest(predicted, skip));
    }, 0) / n;
  const staticCost = costOf(() => 0);
  const nothing = { alpha: new Float64Array(n), leftOut: new Float64Array(n) };
  let best: RouterChoice | undefined;
  for (const penalty of penalties) {
    // A layer that is never or always among them has nothing to learn.
    const fits = labels.map((own, layer) =>
      counts[layer] === 0 || counts[layer] === n
        ? nothing
        : fitLogistic(features.gram, own, offsets[layer], penalty * unit),
    );
    const cost = costOf((layer, prompt) => fits[layer].leftOut[prompt]);
    if (best && cost >= best.cost) continue;
    const bias = offsets.map((offset, layer) => (isNever[layer] ? 50 : -offset));
    const alphas = fits.map(({ alpha }) => alpha.map((value) => -value));
    best = { map: linearMap(features, bias, alphas, 1), penalty, shrinkage: 1, cost, staticCost };
  }
  return best!;
}
