import { mockDecoder } from '@pliant/core/testing';
import { snapKV, streamingLLM, tova } from '@pliant/kv-drop';
import { expect, it } from 'vitest';
import { scoreRequests } from './score-requests.js';

it('asks for what the policies will, on the layers that see everything', () => {
  const { shape } = mockDecoder();
  const policies = [snapKV({ window: 8 }), streamingLLM(), tova()];
  const requests = scoreRequests(policies, { ...shape, slidingWindows: [8, 0, 8, 0] }, 5);
  expect(requests).toEqual([
    { rows: 5, reduceRows: 'mean', reduceHeads: 'mean', layers: [1, 3] },
    { rows: 1, reduceRows: 'mean', reduceHeads: 'mean', layers: [1, 3] },
  ]);
});
