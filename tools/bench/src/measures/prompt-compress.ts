import { type Metrics, pipeline } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { promptCompress } from '@pliant/prompt-compress';
import { pairedRatio, summarise } from '@pliant/shared/statistics';
import { interleave } from '../interleave.js';
import type { Effort, Row } from '../measure.js';
import { openEndlessTokenizer, readPrompt, threads } from '../setup.js';

const measured = smollm2.defaults['prompt-compress'];

/** 512 and 256 of 2,048 tokens kept, by the draft that was measured for the model. */
export async function promptCompressAt2048({ rounds }: Effort): Promise<Row[]> {
  const samples = await firstTokens(2048, [512, 256], rounds);
  const times = (name: string) =>
    samples.get(name)!.map(({ timeToFirstTokenMs }) => timeToFirstTokenMs);
  const draftMs = samples
    .get('256')!
    .map(({ middlewares }) => middlewares['prompt-compress'].draftMs);
  const what = (text: string) => `prompt-compress of 2,048: ${text}`;
  const ratio = (keep: string, atLeast: number): Row => ({
    what: what(`time to first token, plain / keep ${keep}`),
    unit: 'x',
    value: pairedRatio(times('plain'), times(keep)),
    target: { atLeast },
  });
  return [
    ratio('512', 1.8),
    ratio('256', 2.2),
    { what: what('plain'), unit: 'ms', value: summarise(times('plain')) },
    { what: what('keep 256'), unit: 'ms', value: summarise(times('256')) },
    { what: what('of it the draft'), unit: 'ms', value: summarise(draftMs) },
  ];
}

/**
 * From which prompt length on a draft pays off, where as little is kept as the window allows, and
 * where 256 tokens are.
 */
export async function promptCompressBreakEven({ rounds }: Effort): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [tokens, keeps] of [
    [128, [64]],
    [192, [64]],
    [256, [64]],
    [384, [64, 256]],
    [512, [64, 256]],
    [768, [64, 256]],
  ] as const) {
    const samples = await firstTokens(tokens, keeps, rounds);
    const times = (name: string) =>
      samples.get(name)!.map(({ timeToFirstTokenMs }) => timeToFirstTokenMs);
    for (const keep of keeps)
      rows.push({
        what: `prompt-compress of ${tokens}: time to first token, plain / keep ${keep}`,
        unit: 'x',
        value: pairedRatio(times('plain'), times(String(keep))),
      });
  }
  return rows;
}

/** Metrics of runs of one token, by what is kept. */
async function firstTokens(tokens: number, keeps: readonly number[], rounds: number) {
  const decoder = await openDecoder(smollm2, { threads });
  const ids = await readPrompt(tokens);
  const plain = pipeline(decoder, { tokenizer: await openEndlessTokenizer() });
  const draft = decoder.draft({ layers: measured.draft });
  const generate = (stack: Pick<typeof plain, 'generate'>) => async (): Promise<Metrics> =>
    (await stack.generate({ ids }, { maxNewTokens: 1 })).metrics;
  const samples = await interleave(
    [
      { name: 'plain', run: generate(plain) },
      ...keeps.map((keep) => ({
        name: String(keep),
        run: generate(plain.use(promptCompress({ draft, keep, minTokens: 0 }))),
      })),
    ],
    rounds,
  );
  await decoder.close();
  return samples;
}
