import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openDecoder } from '@pliant/engine-ort';
import { readText } from '@pliant/fixtures';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openTokenizer } from '@pliant/transformers';
import { greedyOrder, leaveOneOut, type Measure } from './greedy-order.js';
import { makePrompts } from './prompts.js';
import { readSample, type Sample } from './samples.js';
import { skipEffect } from './skip-effect.js';

const { values } = parseArgs({
  options: {
    prompts: { type: 'string', default: '24' },
    'held-out': { type: 'string', default: '16' },
    tokens: { type: 'string', default: '24' },
    length: { type: 'string', default: '10' },
    breadth: { type: 'string', default: '14' },
    json: { type: 'string' },
  },
});
const length = Number(values.length);
const breadth = Number(values.breadth);
const passageLengths = [400, 800, 1200];
const texts = ['texts/alice29.txt', 'texts/asyoulik.txt'];

const decoder = await openDecoder(smollm2);
const tokenizer = await openTokenizer(smollm2);
const { layers } = decoder.shape;

/** Prompts of both texts, alternating; the held-out ones lie between those calibrated on. */
async function readSamples(): Promise<{ calibration: Sample[]; heldOut: Sample[] }> {
  const total = Number(values.prompts) + Number(values['held-out']);
  const perText = texts.map((text) =>
    makePrompts(readText(text), Math.ceil(total / texts.length), passageLengths),
  );
  const prompts = Array.from({ length: total }, (_, i) => perText[i % 2][Math.floor(i / 2)]);
  const calibration: Sample[] = [];
  const heldOut: Sample[] = [];
  for (const [i, prompt] of prompts.entries()) {
    const sample = await readSample(decoder, tokenizer, prompt, Number(values.tokens));
    // Spreads the held-out ones evenly (Bresenham).
    const share = Number(values['held-out']) / total;
    const isHeldOut = Math.floor((i + 1) * share) > Math.floor(i * share);
    (isHeldOut ? heldOut : calibration).push(sample);
  }
  return { calibration, heldOut };
}

const { calibration, heldOut } = await readSamples();
const measureOn =
  (samples: readonly Sample[]): Measure =>
  async (skipped) => {
    const effect = await skipEffect(samples, layers, skipped);
    console.error(
      `skip ${skipped.join(' ')}: KL ${effect.kl.toFixed(3)}, top-1 ${(100 * effect.agreement).toFixed(1)} %`,
    );
    return effect;
  };
const candidates = Array.from({ length: layers - 1 }, (_, i) => i + 1);
const singles = await leaveOneOut(candidates, measureOn(calibration));
const steps = await greedyOrder(singles, length, breadth, measureOn(calibration));
const order = steps.map(({ layer }) => layer);
const heldOutSteps = [];
for (let count = 1; count <= order.length; count++)
  heldOutSteps.push({
    skipped: count,
    ...(await measureOn(heldOut)(order.slice(0, count))),
  });

const describeSamples = (samples: readonly Sample[]) => ({
  prompts: samples.length,
  promptTokens: samples.map(({ promptTokens }) => promptTokens),
  continuationTokens: samples.reduce((sum, { continuation }) => sum + continuation.length, 0),
});
const report = {
  model: decoder.id,
  what: 'mean KL(full || skipped) in nats and share of equal top tokens; prompt at full depth, layers skipped in decoding only',
  texts,
  calibration: describeSamples(calibration),
  heldOut: describeSamples(heldOut),
  breadth,
  order,
  greedy: steps.map(({ layer, kl, agreement }, i) => ({ skipped: i + 1, layer, kl, agreement })),
  greedyHeldOut: heldOutSteps,
  leaveOneOut: singles,
};
const text = `${JSON.stringify(report, (_, value) => (typeof value === 'number' ? Number(value.toFixed(4)) : value), 2)}\n`;
if (values.json) writeFileSync(values.json, text);
else process.stdout.write(text);
for (const { sequence } of [...calibration, ...heldOut]) sequence.close();
await decoder.close();
