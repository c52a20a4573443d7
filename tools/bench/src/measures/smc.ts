import { type Generation, pipeline, stepAll } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { median, pairedRatio, summarise } from '@pliant/shared/statistics';
import { interleave } from '../interleave.js';
import type { Effort, Row } from '../measure.js';
import { openEndlessTokenizer, readPrompt, threads } from '../setup.js';

const particles = 8;
const replaced = particles / 2;
const contexts = [256, 2048];
const targets: { readonly [context: number]: number } = { 256: 3 };

/**
 * Steps at the least before times count: the first chooses from the prompt's logits, the next give
 * a batch its buffers.
 */
const warmUp = 3;

/**
 * A step of 8 particles against one of a single sequence, constraint excluded, and what resampling
 * adds.
 */
export async function smcSteps({ rounds, newTokens }: Effort): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { threads });
  const stack = pipeline(decoder, { tokenizer: await openEndlessTokenizer() });
  const rows: Row[] = [];
  for (const context of contexts) {
    const prompt = await stack.start(
      { ids: await readPrompt(context) },
      { temperature: 1, maxNewTokens: 256 },
    );
    let seed = 0;
    const fork = (generation: Generation) => generation.fork({ seed: seed++ });
    const forks = async (count: number) => {
      const copies: Generation[] = [];
      while (copies.length < count) copies.push(await fork(prompt));
      // Copies that are equal so far would be computed once.
      const texts = () => new Set(copies.map(({ tokens }) => tokens.join())).size;
      for (let step = 0; step < warmUp || texts() < count; step++) await stepAll(copies);
      return copies;
    };
    /** Milliseconds of a step, and of `replace` before it. */
    const run = (count: number, replace?: (copies: Generation[]) => Promise<void>) => async () => {
      const copies = await forks(count);
      const times: number[] = [];
      for (let step = 0; step < newTokens; step++) {
        const started = performance.now();
        await replace?.(copies);
        await stepAll(copies);
        times.push(performance.now() - started);
      }
      for (const copy of copies) await copy.close();
      return median(times);
    };
    const samples = await interleave(
      [
        { name: 'one', run: run(1) },
        { name: 'all', run: run(particles) },
        {
          name: 'resampled',
          run: run(particles, async (copies) => {
            for (let at = 0; at < replaced; at++) {
              await copies[at].close();
              copies[at] = await fork(copies[at + replaced]);
            }
          }),
        },
      ],
      rounds,
    );
    await prompt.close();
    const [one, all, resampled] = ['one', 'all', 'resampled'].map((name) => samples.get(name)!);
    const what = `smc after ${context} tokens`;
    rows.push(
      { what: `${what}: a step of one sequence`, unit: 'ms', value: summarise(one) },
      { what: `${what}: a step of ${particles} particles`, unit: 'ms', value: summarise(all) },
      {
        what: `${what}: ${particles} particles / one sequence`,
        unit: 'x',
        value: pairedRatio(all, one),
        ...(targets[context] && { target: { atMost: targets[context] } }),
      },
      {
        what: `${what}: added where ${replaced} of ${particles} are replaced by copies`,
        unit: 'ms',
        value: summarise(resampled.map((ms, round) => ms - all[round])),
      },
    );
  }
  await decoder.close();
  return rows;
}
