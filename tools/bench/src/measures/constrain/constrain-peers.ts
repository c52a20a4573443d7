import { type Constraint, jsonSchema, tokenMask, tokenTrie } from '@pliant/constrain';
import { randomStream } from '@pliant/core';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { mean, quantile } from '@pliant/shared/statistics';
import { openTokenizer } from '@pliant/transformers';
import type { Effort, Row } from '../../measure.js';
import { once } from '../../measure.js';
import { byteLevelVocabulary, loadWebXgrammar } from '../../web-xgrammar.js';

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 60 },
    age: { type: 'integer', minimum: 0, maximum: 130 },
    role: { enum: ['admin', 'editor', 'reader'] },
    emails: { type: 'array', items: { type: 'string' }, minItems: 1 },
    address: {
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
      required: ['street', 'city'],
      additionalProperties: false,
    },
  },
  required: ['name', 'age', 'role', 'emails', 'address'],
  additionalProperties: false,
} as const;
const text = JSON.stringify({
  name: 'Ada Lovelace',
  age: 36,
  role: 'editor',
  emails: ['ada@example.com', 'countess@example.org'],
  address: { street: '12 St. James Square', city: 'London' },
});

interface Times {
  readonly compileMs: number;
  readonly maskMs: readonly number[];
  readonly checkUs: readonly number[];
}

/**
 * Masks and checks under one schema, along one text, with the embedded model's vocabulary: beside
 * xgrammar in WebAssembly.
 */
export async function constrainPeers({ rounds }: Effort): Promise<Row[]> {
  const tokenizer = await openTokenizer(smollm2);
  const trie = tokenTrie(tokenizer);
  const tokens = [...tokenizer.encode(text)];
  const random = randomStream(1, 'tokens tried');
  const tried = tokens.map((token, i) =>
    i % 2 === 0 ? token : Math.floor(random() * tokenizer.vocabularySize),
  );
  const { TokenizerInfo, GrammarCompiler, GrammarMatcher } = loadWebXgrammar();
  const info = await TokenizerInfo.createTokenizerInfo(
    byteLevelVocabulary(tokenizer),
    'byte_level',
    false,
    tokenizer.vocabularySize,
    [...tokenizer.endOfText],
  );
  const compiler = await GrammarCompiler.createGrammarCompiler(info, false);

  const ours = (): Times => {
    const started = performance.now();
    const constraint = jsonSchema(schema) as Constraint;
    let state = constraint.start();
    const compileMs = performance.now() - started;
    const maskMs: number[] = [];
    const checkUs: number[] = [];
    for (const [i, token] of tokens.entries()) {
      const before = performance.now();
      tokenMask(constraint, state, trie);
      const between = performance.now();
      constraint.advance(state, tokenizer.bytes(tried[i]));
      checkUs.push((performance.now() - between) * 1000);
      maskMs.push(between - before);
      state = constraint.advance(state, tokenizer.bytes(token));
    }
    return { compileMs, maskMs, checkUs };
  };
  // Seconds: all its masks are prepared. Once is enough.
  const started = performance.now();
  const compiled = await compiler.compileJSONSchema(JSON.stringify(schema));
  const compileMs = performance.now() - started;
  const theirs = async (): Promise<Times> => {
    const matcher = await GrammarMatcher.createGrammarMatcher(compiled);
    const maskMs: number[] = [];
    const checkUs: number[] = [];
    for (const [i, token] of tokens.entries()) {
      const before = performance.now();
      await matcher.getNextTokenBitmask();
      const between = performance.now();
      if (matcher.acceptToken(tried[i])) matcher.rollBack(1);
      checkUs.push((performance.now() - between) * 1000);
      maskMs.push(between - before);
      if (!matcher.acceptToken(token)) throw new Error(`xgrammar refuses token ${i} of the text`);
    }
    matcher.dispose();
    return { compileMs, maskMs, checkUs };
  };

  const samples: { pliant: Times[]; 'web-xgrammar': Times[] } = { pliant: [], 'web-xgrammar': [] };
  for (let round = 0; round < rounds; round++) {
    samples.pliant.push(ours());
    samples['web-xgrammar'].push(await theirs());
  }
  compiled.dispose();
  compiler.dispose();
  info.dispose();
  return Object.entries(samples).flatMap(([name, runs]) => rowsOf(name, runs));
}

/** The first run is cold: automata are built and masks cached in it. */
function rowsOf(name: string, runs: readonly Times[]): Row[] {
  const masks = runs.flatMap(({ maskMs }) => maskMs);
  const checks = runs.flatMap(({ checkUs }) => checkUs);
  const row = (what: string, unit: string, value: number): Row => ({
    what: `${name}: ${what}`,
    unit,
    value: once(value),
  });
  return [
    row('compile, first', 'ms', runs[0].compileMs),
    row(
      'compile, median',
      'ms',
      quantile(
        runs.map(({ compileMs }) => compileMs),
        0.5,
      ),
    ),
    row('mask, median', 'ms', quantile(masks, 0.5)),
    row('mask, mean', 'ms', mean(masks)),
    row('mask, p99', 'ms', quantile(masks, 0.99)),
    row('check, median', 'us', quantile(checks, 0.5)),
    row('check, mean', 'us', mean(checks)),
  ];
}
