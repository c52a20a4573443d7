import { pipeline } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { promptCompress } from '@pliant/prompt-compress';
import { interleave } from '../interleave.js';
import type { Effort, Row } from '../measure.js';
import { openEndlessTokenizer, readPrompt, threads } from '../setup.js';
import { pairedRatio, summarise } from '../statistics.js';

/** 512 of 2,048 tokens kept, by the model's first ten layers. */
export async function promptCompressAt2048({ rounds }: Effort): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { threads });
  const tokenizer = await openEndlessTokenizer();
  const ids = await readPrompt(2048);
  const plain = pipeline(decoder, { tokenizer });
  const compressing = plain.use(
    promptCompress({ draft: decoder.draft({ layers: 10 }), keep: 512 }),
  );
  const generate = (stack: typeof plain) => async () =>
    (await stack.generate({ ids }, { maxNewTokens: 1 })).metrics;
  const samples = await interleave(
    [
      { name: 'plain', run: generate(plain) },
      { name: 'compressing', run: generate(compressing) },
    ],
    rounds,
  );
  await decoder.close();
  const times = (name: string) =>
    samples.get(name)!.map(({ timeToFirstTokenMs }) => timeToFirstTokenMs);
  const label = 'prompt-compress 512 of 2,048';
  return [
    {
      what: `${label}: time to first token, plain / compressed`,
      unit: 'x',
      value: pairedRatio(times('plain'), times('compressing')),
      target: { atLeast: 1.6 },
    },
    { what: `${label}: plain`, unit: 'ms', value: summarise(times('plain')) },
    { what: `${label}: compressed`, unit: 'ms', value: summarise(times('compressing')) },
    {
      what: `${label}: of it the draft`,
      unit: 'ms',
      value: summarise(
        samples
          .get('compressing')!
          .map(({ middlewares }) => middlewares['prompt-compress'].draftMs),
      ),
    },
  ];
}
