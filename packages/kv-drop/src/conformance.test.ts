import { conformanceCases } from '@pliant/core/testing';
import { describe, test } from 'vitest';
import { kvDrop } from './kv-drop.js';
import { policies } from './policies.test.support.js';
import { streamingLLM } from './streaming-llm.js';

for (const [name, policy] of Object.entries(policies))
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
