import { constrain, isViablePrefix, regex, smc } from '@pliant/constrain';
import { pipeline, type Sequence, StepDistribution } from '@pliant/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedDecoder, openEmbedded, trackSequences } from './open-embedded.js';

type Tokenizer = Awaited<ReturnType<typeof openEmbedded>>['tokenizer'];

const answers = ['Yes', 'No'];
const answer = regex(/Yes|No/);
const prompt = {
  messages: [{ role: 'user', content: 'Is water wet? Answer with one word: Yes or No.' }],
};

let decoder: EmbeddedDecoder;
let tokenizer: Tokenizer;
let open: ReadonlySet<Sequence>;

beforeAll(async () => {
  ({ decoder, tokenizer } = await openEmbedded());
  open = trackSequences(decoder);
});
afterAll(() => decoder?.close());

/** The probability of every answer, over all its tokenisations. */
async function enumerate(): Promise<ReadonlyMap<string, number>> {
  const parts = new Set<string>();
  for (const whole of answers)
    for (let from = 0; from < whole.length; from++)
      for (let to = from + 1; to <= whole.length; to++) parts.add(whole.slice(from, to));
  const tokens = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id)
    .filter((id) => !tokenizer.special.has(id))
    .map((id) => ({ id, text: Buffer.from(tokenizer.bytes(id)).toString() }))
    .filter(({ text }) => parts.has(text));
  const distribution = new StepDistribution(decoder.shape.vocabulary);
  const probabilities = new Map<string, number>();
  const visit = async (sequence: Sequence, logits: Float32Array, text: string, mass: number) => {
    distribution.load(logits, { temperature: 1, topK: 0, topP: 1, minP: 0 });
    const probability = (id: number) => mass * Math.exp(distribution.logProbability(id));
    const next = tokens
      .filter((token) => isViablePrefix(answer, text + token.text))
      .map((token) => ({ ...token, mass: probability(token.id) }));
    if (answers.includes(text)) {
      const ends = [...tokenizer.endOfText].reduce((sum, id) => sum + probability(id), 0);
      probabilities.set(text, (probabilities.get(text) ?? 0) + ends);
    }
    for (const token of next) {
      const copy = await sequence.fork();
      const { logits } = await copy.forward({ ids: Int32Array.of(token.id) });
      await visit(copy, logits.slice(), text + token.text, token.mass);
      copy.close();
    }
  };
  const sequence = await decoder.open();
  const ids = tokenizer.encode(tokenizer.renderChat(prompt.messages));
  const { logits } = await sequence.forward({ ids });
  await visit(sequence, logits.slice(), '', 1);
  sequence.close();
  return probabilities;
}

/** Standard errors between the mean of a sample and what it should be. */
function standardErrors(sample: readonly number[], expected: number): number {
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const square = sample.reduce((sum, value) => sum + value * value, 0) / sample.length;
  return Math.abs(mean - expected) / Math.sqrt((square - mean * mean) / sample.length);
}

test('particles weigh short answers as the model does, over all tokenisations', async () => {
  const exact = await enumerate();
  const Z = [...exact.values()].reduce((sum, mass) => sum + mass, 0);
  const particles = smc(pipeline(decoder, { tokenizer }).use(constrain(answer)));
  const masses: number[] = [];
  const total: number[] = [];
  for (let seed = 100; seed < 110; seed++) {
    const { metrics, posterior, logMarginal } = await particles.generate(prompt, {
      maxNewTokens: 8,
      seed,
    });
    expect(metrics.dead).toBe(0);
    for (const { text } of posterior) expect(answers).toContain(text);
    total.push(Math.exp(logMarginal));
    masses.push(
      Math.exp(logMarginal) * (posterior.find(({ text }) => text === 'Yes')?.probability ?? 0),
    );
  }
  expect(standardErrors(total, Z)).toBeLessThan(5);
  expect(standardErrors(masses, exact.get('Yes')!)).toBeLessThan(5);
  expect(standardErrors(total, 2 * Z)).toBeGreaterThan(5);
  expect(open.size).toBe(0);
});
