import { mockDecoder } from '@pliant/core/testing';
import { expect, it } from 'vitest';
import { surprisals } from './surprisals.js';

it('are those of reading token by token, also over several chunks', async () => {
  const decoder = mockDecoder();
  const ids = Int32Array.from({ length: 200 }, (_, i) => 32 + ((i * 7) % 90));
  const context = Int32Array.from([65, 66, 67]);
  const found = await surprisals(await decoder.open({ needs: ['logits.all'] }), context, ids);

  const sequence = await decoder.open();
  let { logits } = await sequence.forward({ ids: context });
  for (const [i, id] of ids.entries()) {
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    expect(found[i]).toBeCloseTo(Math.log(sum) - logits[id], 4);
    ({ logits } = await sequence.forward({ ids: Int32Array.of(id) }));
  }
});
