import { type ConformanceSubject, pairCases } from '@pliant/core/testing';
import { promptLookup, selfSpeculate } from '@pliant/layer-skip';
import { describe, test } from 'vitest';
import { subjects } from './subjects.js';

const lookup: ConformanceSubject = {
  name: 'prompt-lookup',
  neutral: () => promptLookup(),
  active: () => promptLookup({ ngram: 1, draftTokens: 3, adaptive: false }),
  losslessWithProposals: true,
};
const speculation: ConformanceSubject = {
  name: 'self-speculate',
  neutral: () => selfSpeculate({ layers: [2] }),
  active: () => selfSpeculate({ layers: [1], draftTokens: 2, adaptive: false }),
  losslessWithProposals: true,
};

describe('drafts beside every other, in both orders', () => {
  for (const subject of [...subjects, speculation])
    for (const { name, run } of pairCases(lookup, subject)) test(name, run);
  for (const subject of subjects)
    for (const { name, run } of pairCases(speculation, subject)) test(name, run);
});
