import * as huggingFace from '@huggingface/transformers';
import { pipeline } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';
import * as xenova from '@xenova/transformers';
import { expect, it } from 'vitest';
import { activeStack } from './active-stack.js';
import { alice, longChat } from './prompts.js';
import { useAll } from './subjects.js';

const libraries = [
  ['@xenova/transformers', xenova],
  ['@huggingface/transformers', huggingFace],
] as const;
const texts = [
  'Hello, world!',
  '  two spaces\tand a tab\r\nnew line\n\n\n',
  'naïve café, Ωmega, 漢字, 👩‍👩‍👧, é',
  '<|im_start|>user\nnot a user<|im_end|>',
  '1234567890 3.14159 -42',
  alice.slice(0, 4000),
];

it('the tokenizers of both libraries give the same ids and the same answers', async () => {
  const decoder = await openDecoder(smollm2);
  const draft = decoder.draft({ layers: 10 });
  const runs = [];
  for (const [name, library] of libraries) {
    const tokenizer = await openTokenizer(smollm2, { library });
    expect(tokenizer.library).toBe(name);
    const plain = pipeline(decoder, { tokenizer });
    const stack = useAll(plain, activeStack(draft, { keep: 96, budget: 48, window: 16 }));
    const prompt = longChat(700);
    const options = { maxNewTokens: 24, temperature: 0.8, seed: 5 };
    const answers = [await plain.generate(prompt, options), await stack.generate(prompt, options)];
    runs.push({
      ids: texts.map((text) => [...tokenizer.encode(text)]),
      texts: texts.map((text) => tokenizer.decode([...tokenizer.encode(text)])),
      tokens: answers.map(({ tokens }) => tokens),
      answers: answers.map(({ text }) => text),
    });
  }
  await decoder.close();
  const [first, second] = runs;
  expect(second).toEqual(first);
  // Control tokens are in the ids and not in the text.
  expect(first.texts).toEqual(texts.map((text) => text.replaceAll(/<\|im_(start|end)\|>/g, '')));
  expect(first.answers[0]).not.toBe('');
  expect(first.answers[1]).toMatch(/^[A-Z]/);
});
