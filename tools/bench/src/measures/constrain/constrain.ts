import {
  type ConstrainOptions,
  type Constraint,
  constrain,
  jsonSchema,
  regex,
  tokenMask,
  tokenTrie,
} from '@pliant/constrain';
import { type Capability, type Pipeline, pipeline } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { mean, quantile, summarise } from '@pliant/shared/statistics';
import { openTokenizer } from '@pliant/transformers';
import { interleave } from '../../interleave.js';
import { type Effort, once, type Row } from '../../measure.js';
import { threads } from '../../setup.js';

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 40 },
    age: { type: 'integer', minimum: 0, maximum: 130 },
    occupation: { type: 'string', maxLength: 40 },
    country: { enum: ['Chile', 'France', 'India', 'Kenya'] },
  },
  required: ['name', 'age', 'occupation', 'country'],
  additionalProperties: false,
} as const;

interface Subject {
  readonly name: string;
  readonly make: () => Constraint<unknown, unknown>;
  readonly options?: ConstrainOptions;
  readonly isJson?: true;
}

const json = () => jsonSchema(person) as Constraint<unknown, unknown>;
const compactJson = () =>
  jsonSchema(person, {
    propertyOrder: 'schema',
    whitespace: 'none',
    spelling: 'canonical',
  }) as Constraint<unknown, unknown>;
const subjects: readonly Subject[] = [
  { name: 'everything allowed', make: () => regex(/[\s\S]*/) },
  { name: 'one sentence', make: () => regex(/[A-Z][^.!?\n]{1,240}[.!?]/) },
  { name: 'five digits', make: () => regex(/[0-9]{5}/) },
  { name: 'JSON', make: json, isJson: true },
  { name: 'JSON by the geometric variant', make: json, options: { sampler: 'geometric' } },
  { name: 'JSON by masks', make: json, options: { sampler: 'mask' } },
  { name: 'compact JSON', make: compactJson, isJson: true },
  {
    name: 'compact JSON, jumping forward',
    make: compactJson,
    options: { jumpForward: true },
    isJson: true,
  },
];

const prompt = {
  messages: [{ role: 'user', content: 'Describe a person: name, age, occupation and country.' }],
};

interface Sample {
  readonly msPerToken: number;
  readonly metrics: { readonly [metric: string]: number };
  readonly tokens: readonly number[];
}

/**
 * Measures the share of a token's time that constraints take, greedy and at temperature 1: tests,
 * masks, and the forwards that jumping ahead saves.
 */
export async function constrainOverhead({ rounds, newTokens }: Effort): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { threads });
  const tokenizer = await openTokenizer(smollm2);
  const trie = tokenTrie(tokenizer);
  const plain = pipeline(decoder, { tokenizer });
  const rows: Row[] = [];
  for (const temperature of [0, 1]) {
    const run = (stack: Pipeline<Capability, unknown>) => async (): Promise<Sample> => {
      const { tokens, metrics } = await stack.generate(prompt, {
        maxNewTokens: newTokens,
        temperature,
      });
      return {
        msPerToken: 1000 / metrics.decodeTokensPerSecond,
        metrics: metrics.middlewares.constrain ?? {},
        tokens,
      };
    };
    const samples = await interleave(
      [
        { name: 'plain', run: run(plain) },
        ...subjects.map(({ name, make, options }) => ({
          name,
          run: run(plain.use(constrain(make(), options))),
        })),
      ],
      rounds,
    );
    const steps = samples.get('plain')!.map(({ msPerToken }) => msPerToken);
    for (const { name, make, options, isJson } of subjects) {
      const own = samples.get(name)!;
      const row = (what: string, unit: string, values: number[], atMost?: number): Row => ({
        what: `constrain at temperature ${temperature}, ${name}: ${what}`,
        unit,
        value: summarise(values),
        ...(atMost !== undefined && { target: { atMost } }),
      });
      const metric = (of: string) => own.map(({ metrics }) => metrics[of] ?? 0);
      const isAwrs = options?.sampler === undefined;
      rows.push(
        row(
          'time in the constraint, of a plain step',
          '%',
          metric('constraintMs').map((ms, round) => (100 * ms) / steps[round]),
          isAwrs ? 5 : undefined,
        ),
        row(
          'a token, of a plain one',
          'x',
          own.map((one, round) => one.msPerToken / steps[round]),
        ),
      );
      if (options?.sampler !== 'mask')
        rows.push(
          row('checks', 'per token', metric('checksPerToken'), isJson && isAwrs ? 2.6 : undefined),
        );
      if (options?.jumpForward)
        rows.push(
          row(
            'forwards saved',
            '% of tokens',
            own.map(({ metrics, tokens }) => (100 * (metrics.forwardsSaved ?? 0)) / tokens.length),
          ),
        );
      if (!options) rows.push(...maskRows(name, temperature, make(), own, trie, tokenizer));
    }
  }
  await decoder.close();
  return rows;
}

/** Masks along the texts that were written, of a constraint that has made none yet. */
function maskRows(
  name: string,
  temperature: number,
  constraint: Constraint<unknown, unknown>,
  samples: readonly Sample[],
  trie: ReturnType<typeof tokenTrie>,
  tokenizer: Parameters<typeof tokenTrie>[0],
): Row[] {
  const times: number[] = [];
  for (const { tokens } of samples) {
    let state = constraint.start();
    for (const token of tokens) {
      if (state === undefined || tokenizer.endOfText.has(token)) break;
      const started = performance.now();
      tokenMask(constraint, state, trie);
      times.push(performance.now() - started);
      state = constraint.advance(state, tokenizer.bytes(token));
    }
  }
  const row = (what: string, value: number, atMost: number): Row => ({
    what: `constrain at temperature ${temperature}, ${name}: ${what}`,
    unit: 'ms',
    value: once(value),
    target: { atMost },
  });
  return [row('a mask, mean', mean(times), 1), row('a mask, p99', quantile(times, 0.99), 10)];
}
