import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { it } from 'vitest';
import { constrain, predicate, regex } from './index.js';

it('x', async () => {
  for (const temperature of [0, 1])
    for (const c of [
      regex(/\d{4}-\d{2}-\d{2}/),
      regex(/(yes|no)[^\d]{3}/),
      predicate((t, { complete }) => /^[a-z]*$/.test(t) && (!complete || t.length > 10)),
      regex(/a[^\s\S]/),
      regex(/[\s\S]*/),
    ]) {
      const s = pipeline(mockDecoder(), { tokenizer: mockTokenizer() }).use(constrain(c as never));
      const r = await s.generate({ text: 'Today is ' }, { temperature, maxNewTokens: 40 });
      console.log(
        JSON.stringify([
          c.name,
          r.text,
          r.finishReason,
          r.logWeight,
          r.metrics.middlewares,
          r.warnings,
        ]),
      );
    }
  const p = await pipeline(mockDecoder(), { tokenizer: mockTokenizer() }).generate(
    { text: 'Today is ' },
    { temperature: 1, maxNewTokens: 40 },
  );
  console.log(JSON.stringify(p.text));
});
