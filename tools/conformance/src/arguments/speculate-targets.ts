import * as speculate from '@pliant/speculate';
import { run } from './surroundings.js';
import type { PackageTargets } from './target.js';

export const speculateTargets: PackageTargets = {
  name: 'speculate',
  exports: speculate,
  leftOut: {},
  targets: [
    {
      name: 'selfSpeculate',
      args: () => [{ skip: 1, draftTokens: 2, adaptive: true }],
      call: (options) => run(speculate.selfSpeculate(options) as never),
    },
    {
      name: 'promptLookup',
      args: () => [{ draftTokens: 2 }],
      call: (options) => run(speculate.promptLookup(options) as never),
    },
  ],
};
