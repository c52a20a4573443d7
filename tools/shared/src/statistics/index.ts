export { bootstrapInterval, holm, type Interval, pValueOfGain } from './bootstrap.js';
export { averageOverTasks, type Estimate, estimate, pairedDifference } from './estimate.js';
export { logSumExp } from './log-sum-exp.js';
export { mean } from './mean.js';
export { normal } from './normal.js';
export {
  exponentOf,
  median,
  pairedRatio,
  quantile,
  type Summary,
  summarise,
} from './quantile.js';
export { spearman } from './spearman.js';
