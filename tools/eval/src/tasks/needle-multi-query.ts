import { needles } from './needles.js';

/** Numbers for two things, both asked for. */
export const needleMultiQuery = needles({
  name: 'needle-multi-query',
  keys: 2,
  values: 1,
  queries: 2,
  digits: 4,
  maxNewTokens: 18,
});
