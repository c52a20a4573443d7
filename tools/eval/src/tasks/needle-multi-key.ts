import { needles } from './needles.js';

/** Numbers for four things, one of them asked for. */
export const needleMultiKey = needles({
  name: 'needle-multi-key',
  keys: 4,
  values: 1,
  queries: 1,
  digits: 5,
  maxNewTokens: 12,
});
