import { mean } from '@pliant/shared/statistics';
import {
  linearMap,
  penalties,
  type RouterChoice,
  shrinkages,
  type TrainingFeatures,
} from './fit-linear.js';
import { leastKl } from './layer-costs.js';
import { fitRidge } from './ridge.js';
import { meanDiagonal } from './standardise.js';

/**
 * Ridge regression of the logarithm of each set's KL on the prompt's features; the set with the
 * lowest prediction is chosen. Penalty and shrinkage are those with the lowest mean KL on prompts
 * left out in turn.
 * @param kls [n][K], measured
 * @param staticSet index of the set that is compared with: the static greedy one
 */
export function fitSetRouter(
  features: TrainingFeatures,
  kls: readonly (readonly number[])[],
  staticSet: number,
): RouterChoice {
  const n = kls.length;
  const sets = kls[0].length;
  const targets = Array.from({ length: sets }, (_, set) =>
    Float64Array.from(kls, (own) => Math.log(Math.max(leastKl, own[set]))),
  );
  const base = targets.map((_, set) =>
    Math.log(Math.max(leastKl, mean(kls.map((own) => own[set])))),
  );
  const staticCost = mean(kls.map((own) => own[staticSet]));
  const unit = meanDiagonal(features.gram, n);
  let best: RouterChoice | undefined;
  for (const penalty of penalties) {
    const fit = fitRidge(features.gram, targets, penalty * unit);
    for (const shrinkage of shrinkages) {
      const chosen = kls.map((own, prompt) => {
        const predicted = base.map(
          (value, set) => value + shrinkage * (fit.leftOut[set][prompt] - fit.means[set]),
        );
        return own[predicted.indexOf(Math.min(...predicted))];
      });
      const cost = mean(chosen);
      if (best && cost >= best.cost) continue;
      const map = linearMap(features, base, fit.alphas, shrinkage);
      best = { map, penalty, shrinkage, cost, staticCost };
    }
  }
  return best!;
}
