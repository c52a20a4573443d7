import { pipeline } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { taskPrompts } from '@pliant/fixtures';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { pairedRatio, summarise } from '@pliant/shared/statistics';
import { promptLookup, selfSpeculate } from '@pliant/speculate';
import { interleave } from '../interleave.js';
import { type Effort, once, type Row } from '../measure.js';
import { openEndlessTokenizer, threads } from '../setup.js';

const prompts = 50;
const maxNewTokens = 128;
const skip = 6;

/**
 * Greedy texts of 128 tokens on fifty prompts of eight kinds: whether drafts leave them as they
 * are, as they pay and at every step, and what they do to the speed of each. The plain run against
 * itself tells how much of a slow prompt is the machine.
 */
export async function losslessTexts({ rounds }: Effort): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { threads, skipping: 'cut' });
  const tokenizer = await openEndlessTokenizer();
  const plain = pipeline(decoder, { tokenizer });
  const speeds = {
    'plain again': plain,
    'prompt lookup': plain.use(promptLookup()),
    'self-speculation': plain.use(selfSpeculate({ skip })),
  };
  const always = {
    'prompt lookup, at every step': plain.use(promptLookup({ adaptive: false })),
    'self-speculation, at every step': plain.use(
      selfSpeculate({ skip, draftTokens: 3, adaptive: false }),
    ),
  };
  const wrong = new Map<string, Set<number>>();
  const ratios = new Map<string, number[]>(Object.keys(speeds).map((name) => [name, []]));
  for (const [at, { prompt }] of taskPrompts(prompts).entries()) {
    const { tokens } = await plain.generate(prompt, { maxNewTokens });
    const generate = (name: string, stack: Pick<typeof plain, 'generate'>) => async () => {
      const drafted = await stack.generate(prompt, { maxNewTokens });
      const found = wrong.get(name) ?? new Set();
      if (drafted.tokens.join() !== tokens.join()) found.add(at);
      wrong.set(name, found);
      return drafted.metrics.decodeTokensPerSecond;
    };
    for (const [name, stack] of Object.entries(always)) await generate(name, stack)();
    const samples = await interleave(
      Object.entries({ plain, ...speeds }).map(([name, stack]) => ({
        name,
        run: generate(name, stack),
      })),
      rounds,
    );
    for (const [name, own] of ratios)
      own.push(pairedRatio(samples.get(name)!, samples.get('plain')!).median);
  }
  await decoder.close();
  return [
    ...[...wrong].map(
      ([name, { size }]): Row => ({
        what: `lossless: texts of ${maxNewTokens} tokens that are the plain run's, ${name}`,
        unit: `of ${prompts}`,
        value: once(prompts - size),
        target: { atLeast: prompts },
      }),
    ),
    ...[...ratios].flatMap(([name, own]): Row[] => [
      {
        what: `lossless: decode speed / plain, ${name}, the prompts`,
        unit: 'x',
        value: summarise(own),
      },
      {
        what: `lossless: decode speed / plain, ${name}, the slowest prompt`,
        unit: 'x',
        value: once(Math.min(...own)),
        ...(name !== 'plain again' && { target: { atLeast: 0.95 } }),
      },
    ]),
  ];
}
