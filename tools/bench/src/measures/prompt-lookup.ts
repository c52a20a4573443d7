import { pipeline } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { promptLookup } from '@pliant/layer-skip';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { interleave } from '../interleave.js';
import type { Effort, Row } from '../measure.js';
import { openEndlessTokenizer, threads } from '../setup.js';
import { pairedRatio, summarise } from '../statistics.js';

const code = `export function totalPrice(items, taxRate) {
  let total = 0;
  for (const item of items) {
    const price = item.price * item.quantity;
    total += price;
  }
  const tax = total * taxRate;
  return { total, tax, totalWithTax: total + tax };
}

export function averagePrice(items) {
  let total = 0;
  for (const item of items) {
    total += item.price;
  }
  return items.length === 0 ? 0 : total / items.length;
}
`;

/** One task that copies, and some that do not. */
const prompts = {
  'rewrite this code': `Rewrite this code with one change: rename the function totalPrice to sumPrices. Answer with the whole code and nothing else.\n\n${code}`,
  'write a story': 'Write a short story about a lighthouse keeper and a whale.',
  'give tips': 'Give me ten tips for growing tomatoes on a balcony.',
  'explain code': `Explain in plain words what this code does.\n\n${code}`,
} as const;

/** Greedy answers of 128 tokens with prompt lookup, against the plain run; and what a verification of 8 rows takes. */
export async function promptLookupSpeed({ rounds, newTokens }: Effort): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { threads });
  const tokenizer = await openEndlessTokenizer();
  const plain = pipeline(decoder, { tokenizer });
  const looking = plain.use(promptLookup());
  const maxNewTokens = Math.max(newTokens, 128);
  const speed = (stack: typeof plain, content: string) => async () => {
    const messages = [{ role: 'user', content }];
    return (await stack.generate({ messages }, { maxNewTokens })).metrics.decodeTokensPerSecond;
  };
  const samples = await interleave(
    Object.entries(prompts).flatMap(([task, content]) => [
      { name: `${task}, plain`, run: speed(plain, content) },
      { name: `${task}, drafted`, run: speed(looking, content) },
    ]),
    rounds,
  );
  const rows = Object.keys(prompts).map((task): Row => {
    const value = pairedRatio(samples.get(`${task}, drafted`)!, samples.get(`${task}, plain`)!);
    const atLeast = task === 'rewrite this code' ? 2 : 0.95;
    return {
      what: `prompt lookup: decode speed / plain, ${task}`,
      unit: 'x',
      value,
      target: { atLeast },
    };
  });
  rows.push(...(await verification(decoder, rounds)));
  await decoder.close();
  return rows;
}

/** Eight rows in one forward, computed as eight steps to the bit and not, against one row. */
async function verification(
  decoder: Awaited<ReturnType<typeof openDecoder>>,
  rounds: number,
): Promise<Row[]> {
  const sequence = await decoder.open({ needs: ['logits.stepwise'] });
  const prompt = Int32Array.from({ length: 128 }, (_, i) => 1000 + i);
  await sequence.forward({ ids: prompt });
  const time = (count: number, stepwise: boolean) => async () => {
    const want = { logits: 'all', ...(stepwise && { stepwise }) } as const;
    let best = Number.POSITIVE_INFINITY;
    for (let repeat = 0; repeat < 5; repeat++) {
      const started = performance.now();
      await sequence.forward({ ids: prompt.subarray(0, count), want });
      best = Math.min(best, performance.now() - started);
      sequence.edit({ truncate: prompt.length });
    }
    return best;
  };
  const samples = await interleave(
    [
      { name: 'one', run: time(1, false) },
      { name: 'eight', run: time(8, false) },
      { name: 'stepwise', run: time(8, true) },
    ],
    rounds,
  );
  sequence.close();
  const one = samples.get('one')!;
  return [
    { what: 'verification: one row after 128 tokens', unit: 'ms', value: summarise(one) },
    {
      what: 'verification: 8 rows as steps to the bit / one row',
      unit: 'x',
      value: pairedRatio(samples.get('stepwise')!, one),
      target: { atMost: 2 },
    },
    {
      what: 'verification: 8 rows, rounded otherwise / one row',
      unit: 'x',
      value: pairedRatio(samples.get('eight')!, one),
    },
  ];
}
