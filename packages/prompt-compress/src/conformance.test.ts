import { conformanceCases, mockDecoder } from '@pliant/core/testing';
import { test } from 'vitest';
import { promptCompress } from './prompt-compress.js';

const options = { window: 8, kernel: 4 };

const cases = conformanceCases({
  name: 'prompt-compress',
  neutral: (decoder) =>
    promptCompress({ ...options, draft: decoder.draft({ layers: 2 }), keep: 4096 }),
  active: (decoder) =>
    promptCompress({ ...options, draft: decoder.draft({ layers: 2 }), keep: 48 }),
  refuses: [() => promptCompress({ ...options, draft: mockDecoder(), keep: 7 })],
  losslessWithProposals: true,
});
for (const { name, run } of cases) test(name, run);
