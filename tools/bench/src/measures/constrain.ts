import { constrain, regex } from '@pliant/constrain';
import { type Capability, type Pipeline, pipeline } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';
import { interleave } from '../interleave.js';
import type { Effort, Row } from '../measure.js';
import { threads } from '../setup.js';
import { median, summarise } from '../statistics.js';

const patterns = {
  'everything allowed': /[\s\S]*/,
  'one sentence': /[A-Z][^.!?\n]{1,240}[.!?]/,
  'lower-case words': /[a-z]{1,12}( [a-z]{1,12}){0,60}/,
  'five digits': /[0-9]{5}/,
} as const;

const prompt = {
  messages: [{ role: 'user', content: 'Give me three tips for growing tomatoes.' }],
};

interface Sample {
  readonly msPerToken: number;
  readonly checksPerToken: number;
}

/** What constraints add to a token, greedy and at temperature 1. */
export async function constrainOverhead({ rounds, newTokens }: Effort): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { threads });
  const plain = pipeline(decoder, { tokenizer: await openTokenizer(smollm2) });
  const rows: Row[] = [];
  for (const temperature of [0, 1]) {
    const run = (stack: Pipeline<Capability, unknown>) => async (): Promise<Sample> => {
      const { tokens, metrics } = await stack.generate(prompt, {
        maxNewTokens: newTokens,
        temperature,
      });
      return {
        msPerToken: 1000 / metrics.decodeTokensPerSecond,
        checksPerToken: (metrics.middlewares.constrain?.checks ?? 0) / tokens.length,
      };
    };
    const samples = await interleave(
      [
        { name: 'plain', run: run(plain) },
        ...Object.entries(patterns).map(([name, pattern]) => ({
          name,
          run: run(plain.use(constrain(regex(pattern)))),
        })),
      ],
      rounds,
    );
    const base = samples.get('plain')!.map(({ msPerToken }) => msPerToken);
    for (const name of Object.keys(patterns)) {
      const own = samples.get(name)!;
      rows.push(
        {
          what: `constrain at temperature ${temperature}, ${name}: added to a plain token's ${median(base).toFixed(1)} ms`,
          unit: 'ms/token',
          value: summarise(own.map(({ msPerToken }, round) => msPerToken - base[round])),
        },
        {
          what: `constrain at temperature ${temperature}, ${name}: checks`,
          unit: 'per token',
          value: summarise(own.map(({ checksPerToken }) => checksPerToken)),
        },
      );
    }
  }
  await decoder.close();
  return rows;
}
