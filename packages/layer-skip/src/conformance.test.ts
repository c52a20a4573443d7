import { conformanceCases } from '@pliant/core/testing';
import { test } from 'vitest';
import { layerSkip } from './layer-skip.js';

const cases = conformanceCases({
  name: 'layer-skip',
  neutral: () => layerSkip({ skip: 0 }),
  active: () => layerSkip({ layers: [2] }),
  refuses: [() => layerSkip({ skip: -1 })],
  losslessWithProposals: true,
});
for (const { name, run } of cases) test(name, run);
