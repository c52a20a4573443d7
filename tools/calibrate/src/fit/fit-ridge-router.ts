import {
  linearMap,
  penalties,
  type RouterChoice,
  shrinkages,
  type TrainingFeatures,
} from './fit-linear.js';
import { cheapest, type LayerCosts, leastKl, sumAlone } from './layer-costs.js';
import { fitRidge } from './ridge.js';
import { meanDiagonal } from './standardise.js';

/**
 * Ridge regression of the logarithm of what each layer costs a prompt, less its mean, on the
 * prompt's features; added to the base costs, shrunk. Penalty and shrinkage are those whose sets of
 * `skip` layers cost least on prompts left out in turn, where a set's cost is the sum of its
 * layers' costs alone: the KL of every set that might be chosen is not known.
 */
export function fitRidgeRouter(
  features: TrainingFeatures,
  { alone, base }: LayerCosts,
  skip: number,
): RouterChoice {
  const n = alone.length;
  const targets = base.map((_, layer) =>
    Float64Array.from(alone, (costs) => Math.log(Math.max(leastKl, costs[layer]))),
  );
  const unit = meanDiagonal(features.gram, n);
  const costOf = (predict: (layer: number, prompt: number) => number) =>
    alone.reduce((sum, costs, prompt) => {
      const predicted = base.map((value, layer) => value + predict(layer, prompt));
      return sum + sumAlone(costs, cheapest(predicted, skip));
    }, 0) / n;
  const staticCost = costOf(() => 0);
  let best: RouterChoice | undefined;
  for (const penalty of penalties) {
    const fit = fitRidge(features.gram, targets, penalty * unit);
    for (const shrinkage of shrinkages) {
      const cost = costOf(
        (layer, prompt) => shrinkage * (fit.leftOut[layer][prompt] - fit.means[layer]),
      );
      if (best && cost >= best.cost) continue;
      // Never skipped either way; a file holds no Infinity.
      const finite = base.map((value) => Math.min(value, 50));
      const map = linearMap(features, finite, fit.alphas, shrinkage);
      best = { map, penalty, shrinkage, cost, staticCost };
    }
  }
  return best!;
}
