import { type Middleware, pipeline } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { pairedRatio, summarise } from '@pliant/shared/statistics';
import { promptLookup } from '@pliant/speculate';
import { interleave } from '../interleave.js';
import type { Effort, Row } from '../measure.js';
import { openEndlessTokenizer, threads } from '../setup.js';

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

const rewriting = `Rewrite this code with one change: rename the function totalPrice to sumPrices. Answer with the whole code and nothing else.\n\n${code}`;

interface Task {
  readonly content: string;
  /**
   * The answer, whatever the model would choose: a small model does not do as it is asked. Default:
   * the model's own choice.
   */
  readonly answer?: string;
  readonly atLeast: number;
}

/**
 * One task that copies, as a model would answer that can do it, and as this one does; and some that
 * do not copy.
 */
const tasks: { readonly [name: string]: Task } = {
  'rewrite this code': {
    content: rewriting,
    answer: code.replace('totalPrice', 'sumPrices'),
    atLeast: 2,
  },
  "rewrite this code, the model's own answer": { content: rewriting, atLeast: 0.95 },
  'write a story': {
    content: 'Write a short story about a lighthouse keeper and a whale.',
    atLeast: 0.95,
  },
  'give tips': {
    content: 'Give me ten tips for growing tomatoes on a balcony.',
    atLeast: 0.95,
  },
  'explain code': {
    content: `Explain in plain words what this code does.\n\n${code}`,
    atLeast: 0.95,
  },
};

/** Chooses the tokens given. */
function answering(tokens: Int32Array): Middleware<'answering'> {
  return {
    specificationVersion: 'v1',
    name: 'answering',
    requires: [],
    create: (run) => ({
      choose: () => ({ token: tokens[run.generated.length], logWeight: 0 }),
    }),
  };
}

/**
 * Greedy answers of up to 128 tokens with prompt lookup, against the plain run; and what a
 * verification of 8 rows takes.
 */
export async function promptLookupSpeed({ rounds, newTokens }: Effort): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { threads });
  const tokenizer = await openEndlessTokenizer();
  const speed = ({ content, answer }: Task, drafts: boolean) => {
    const tokens = answer === undefined ? undefined : tokenizer.encode(answer);
    const maxNewTokens = tokens?.length ?? Math.max(newTokens, 128);
    const plain = pipeline(decoder, { tokenizer });
    const given = tokens ? plain.use(answering(tokens)) : plain;
    const stack = drafts ? given.use(promptLookup()) : given;
    return async () => {
      const messages = [{ role: 'user', content }];
      return (await stack.generate({ messages }, { maxNewTokens })).metrics.decodeTokensPerSecond;
    };
  };
  const samples = await interleave(
    Object.entries(tasks).flatMap(([name, task]) => [
      { name: `${name}, plain`, run: speed(task, false) },
      { name: `${name}, drafted`, run: speed(task, true) },
    ]),
    rounds,
  );
  const rows = Object.entries(tasks).map(
    ([name, { atLeast }]): Row => ({
      what: `prompt lookup: decode speed / plain, ${name}`,
      unit: 'x',
      value: pairedRatio(samples.get(`${name}, drafted`)!, samples.get(`${name}, plain`)!),
      target: { atLeast },
    }),
  );
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
