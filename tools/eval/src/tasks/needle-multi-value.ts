import { needles } from './needles.js';

/** Three numbers for one thing, all asked for. */
export const needleMultiValue = needles({
  name: 'needle-multi-value',
  keys: 1,
  values: 3,
  queries: 1,
  digits: 4,
  maxNewTokens: 24,
});
