import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { expect, it } from 'vitest';
import { selfSpeculate } from './self-speculate.js';

it('says in each turn that its layers were not measured', async () => {
  const decoder = mockDecoder({ layers: 6 });
  const stack = pipeline(decoder, { tokenizer: mockTokenizer() }).use(selfSpeculate({ skip: 1 }));
  const generation = await stack.start(
    { messages: [{ role: 'user', content: 'Where is the key?' }] },
    { maxNewTokens: 6 },
  );
  for (let turn = 0; turn < 2; turn++) {
    if (turn > 0) await generation.append([{ role: 'user', content: 'And the lamp?' }]);
    while (!generation.done) await generation.step();
    expect(generation.result().warnings).toMatchObject([{ type: 'degraded', feature: 'skip' }]);
  }
  await generation.close();
});
