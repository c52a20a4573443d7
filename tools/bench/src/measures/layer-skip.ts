import { pipeline } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { layerSkip } from '@pliant/layer-skip';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { interleave } from '../interleave.js';
import type { Effort, Row } from '../measure.js';
import { openEndlessTokenizer, readPrompt, threads } from '../setup.js';
import { pairedRatio, summarise } from '../statistics.js';

const counts = [1, 2, 4, 6, 8, 10];
const targets: { readonly [count: number]: number } = { 6: 1.08, 10: 1.2 };

/** Decode at 512 tokens of context, against the plain run, whose graph has no gates. */
export async function layerSkipAt512({ rounds, newTokens }: Effort): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { threads });
  const tokenizer = await openEndlessTokenizer();
  const ids = await readPrompt(512);
  const plain = pipeline(decoder, { tokenizer });
  const generate = (stack: typeof plain) => async () =>
    (await stack.generate({ ids }, { maxNewTokens: newTokens })).metrics.decodeTokensPerSecond;
  const samples = await interleave(
    [
      { name: 'plain', run: generate(plain) },
      ...counts.map((skip) => ({ name: `${skip}`, run: generate(plain.use(layerSkip({ skip }))) })),
    ],
    rounds,
  );
  await decoder.close();
  return [
    {
      what: 'layer-skip at 512: plain, no gates',
      unit: 'tokens/s',
      value: summarise(samples.get('plain')!),
    },
    ...counts.map((count) => ({
      what: `layer-skip at 512: decode speed, ${count} skipped / plain`,
      unit: 'x',
      value: pairedRatio(samples.get(`${count}`)!, samples.get('plain')!),
      ...(targets[count] && { target: { atLeast: targets[count] } }),
    })),
  ];
}
