import { conformanceCases } from '@pliant/core/testing';
import { test } from 'vitest';
import { promptLookup } from './prompt-lookup/prompt-lookup.js';
import { selfSpeculate } from './self-speculate/self-speculate.js';

const subjects = [
  {
    name: 'prompt-lookup',
    neutral: () => promptLookup(),
    active: () => promptLookup({ ngram: 1, draftTokens: 3, adaptive: false }),
    refuses: [
      () => promptLookup({ ngram: 0 }),
      () => promptLookup({ draftTokens: 64 }),
      () => promptLookup({ tokens: 3 } as object),
    ],
    losslessWithProposals: true,
  },
  {
    name: 'self-speculate',
    neutral: () => selfSpeculate({ layers: [2] }),
    active: () => selfSpeculate({ layers: [2], draftTokens: 3, adaptive: false }),
    refuses: [
      () => selfSpeculate({ skip: 0 }),
      () => selfSpeculate({ layers: [2], draftTokens: 0 }),
    ],
    losslessWithProposals: true,
  },
];
for (const subject of subjects)
  for (const { name, run } of conformanceCases(subject)) test(name, run);
