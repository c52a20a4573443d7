import { openDecoder } from '@pliant/engine-ort';
import { fixturePath } from '@pliant/fixtures';
import { openTokenizer } from '@pliant/transformers';
import { expect, test } from 'vitest';
import { plansOf } from './plans.js';
import { prepareStack, recordDrafts } from './prepare.js';
import { runStack } from './run-stack.js';
import { makeStack } from './stack.js';

test('no session of a model or a draft is left to be built in a run', async () => {
  const folder = fixturePath('models/byte-llama');
  const decoder = await openDecoder(folder, { threads: 1 });
  const tokenizer = await openTokenizer(folder);
  const { drafting, drafts } = recordDrafts(decoder);
  const settings = {
    'prompt-compress': { draft: 1, startLayer: 0, keep: 120, minTokens: 0 },
    'kv-drop': { policy: { name: 'snapKV', window: 8 }, budget: 48 },
    'layer-skip': { layers: [1] },
  };
  const stack = makeStack(['prompt-compress', 'kv-drop', 'layer-skip'], settings, drafting);
  const plans = plansOf('compare', stack);
  for (const plan of plans) await prepareStack(decoder, plan, drafts);
  const loaded = () => [decoder, ...drafts].map((one) => one.inspect().sessions.toSorted());
  const before = loaded();
  expect(before).toEqual([['gates+scores', 'plain'], ['scores']]);
  const messages = [{ role: 'user', content: 'The keeper is called Maria. '.repeat(8) }];
  const options = { maxNewTokens: 3, temperature: 0, seed: 0 };
  for (const plan of plans) {
    const given = { command: 'compare', stack: [], settings, ...options } as const;
    const signal = new AbortController().signal;
    await runStack(decoder, tokenizer, plan, { messages }, given, signal);
  }
  expect(loaded()).toEqual(before);
  await decoder.close();
});
