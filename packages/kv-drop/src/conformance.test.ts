import { conformanceCases } from '@pliant/core/testing';
import { describe, test } from 'vitest';
import { kvDrop } from './kv-drop.js';
import { snapKV } from './snap-kv.js';
import { streamingLLM } from './streaming-llm.js';

const policies = {
  snapKV: () => snapKV({ window: 8, kernel: 5 }),
  streamingLLM: () => streamingLLM(),
};

for (const [name, policy] of Object.entries(policies))
  describe(`conformance with ${name}`, () => {
    const cases = conformanceCases({
      name: 'kv-drop',
      neutral: () => kvDrop({ policy: policy(), budget: 4096 }),
      active: () => kvDrop({ policy: policy(), budget: 24 }),
      refuses: [() => kvDrop({ policy: policy(), budget: 0 })],
      losslessWithProposals: true,
    });
    for (const { name, run } of cases) test(name, run);
  });
