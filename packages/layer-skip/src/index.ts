export { type LayerSkipOptions, layerSkip } from './layer-skip.js';
export { layerSkipOptions } from './options.js';
export { makeSelector, type SelectorEntry, type SelectorName, selectors } from './registry.js';
export { type Calibration, readCalibration } from './selection/calibration.js';
export { promptFeatures } from './selection/prompt-features.js';
export { type LayerSelector, outerLayers, type PromptEvidence } from './selection/selector.js';
export { type AdaSkipOptions, adaSkip } from './selectors/ada-skip.js';
export { evenlySpread } from './selectors/evenly-spread.js';
export {
  type FirstRouterNames,
  type FirstRouterWeights,
  firstRouter,
  loadFirstRouter,
} from './selectors/first-router.js';
export { givenLayers } from './selectors/given-layers.js';
export { logisticRouter } from './selectors/logistic-router.js';
export { promptInfluence } from './selectors/prompt-influence.js';
export { ridgeRouter } from './selectors/ridge-router.js';
export { setRouter } from './selectors/set-router.js';
export { type ShortGPTOptions, shortGPT } from './selectors/short-gpt.js';
export { type StaticGreedyOptions, staticGreedy } from './selectors/static-greedy.js';
export { unifiedSkipping } from './selectors/unified-skipping.js';
export { withCompensation } from './selectors/with-compensation.js';
