import { conformanceCases } from '@pliant/core/testing';
import { describe, test } from 'vitest';
import { kvDrop } from './kv-drop.js';
import { samplePolicies } from './policies/policies.test.support.js';
import { streamingLLM } from './policies/streaming-llm.js';

for (const [name, policy] of Object.entries(samplePolicies))
  describe(`conformance with ${name}`, () => {
    const cases = conformanceCases({
      name: 'kv-drop',
      neutral: (decoder) => kvDrop({ policy: policy(decoder), budget: 4096 }),
      active: (decoder) => kvDrop({ policy: policy(decoder), budget: 24 }),
      refuses: [() => kvDrop({ policy: streamingLLM(), budget: 0 })],
      losslessWithProposals: true,
    });
    for (const { name, run } of cases) test(name, run);
  });

// Rows of one proposal see each other before the next cut, so that proposals are not without loss
// here.
for (const name of ['h2o', 'snapKV', 'specKV, for itself', 'streamingLLM'])
  for (const positions of ['original', 'renumber'] as const)
    describe(`conformance with ${name}, bounded, positions: ${positions}`, () => {
      const bounded = { betweenChunks: true, every: 5, positions };
      const cases = conformanceCases({
        name: 'kv-drop',
        neutral: (decoder) =>
          kvDrop({ policy: samplePolicies[name](decoder), budget: 4096, ...bounded }),
        active: (decoder) =>
          kvDrop({ policy: samplePolicies[name](decoder), budget: 24, ...bounded }),
        dropsWhileDecoding: true,
        refuses: [() => kvDrop({ policy: streamingLLM(), budget: 8, every: 0 })],
      });
      for (const { name, run } of cases) test(name, run);
    });
