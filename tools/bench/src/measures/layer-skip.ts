import { pipeline, type Result } from '@pliant/core';
import { type OrtDecoder, openDecoder } from '@pliant/engine-ort';
import { firstRouter, layerSkip, promptInfluence } from '@pliant/layer-skip';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { pairedRatio, summarise } from '@pliant/shared/statistics';
import { type Case, interleave } from '../interleave.js';
import type { Effort, Row } from '../measure.js';
import { openEndlessTokenizer, readPrompt, threads } from '../setup.js';

const gated = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12];
const cut = [6, 10];
const gateTargets: { readonly [count: number]: number } = { 6: 1.08, 10: 1.2 };

/**
 * A layer's share of what a decoded token reads of the weights: the bound on what skipping can
 * gain.
 */
const layerShare = 0.0263;
const ideal = (count: number) => 1 / (1 - layerShare * count);

/** For speed it does not matter which layers these are. */
const someLayers = (count: number) => Array.from({ length: count }, (_, i) => 3 + 2 * i);

/**
 * Decode at 512 tokens of context, against the plain run, whose graph has no gates; and what
 * reading the prompt costs more where it decides which layers are skipped.
 */
export async function layerSkipAt512({ rounds, newTokens }: Effort): Promise<Row[]> {
  const tokenizer = await openEndlessTokenizer();
  const ids = await readPrompt(512);
  const decoder = await openDecoder(smollm2, { threads });
  // Each set of ports and each set that is cut out has a session of its own, and a decoder keeps
  // two.
  const others: OrtDecoder[] = [];
  const another = async (skipping: 'gates' | 'cut') => {
    const own = await openDecoder(smollm2, { threads, skipping });
    others.push(own);
    return pipeline(own, { tokenizer });
  };
  const plain = pipeline(decoder, { tokenizer });
  const generate = (
    stack: Pick<typeof plain, 'generate'>,
    name: string,
  ): Case<Result['metrics']> => ({
    name,
    run: async () => (await stack.generate({ ids }, { maxNewTokens: newTokens })).metrics,
  });
  const cases = [
    generate(plain, 'plain'),
    ...gated.map((count) =>
      generate(plain.use(layerSkip({ layers: someLayers(count) })), `${count} by gates`),
    ),
  ];
  for (const count of cut) {
    const stack = (await another('cut')).use(layerSkip({ layers: someLayers(count) }));
    cases.push(generate(stack, `${count} by cut`));
  }
  const { layers, hidden } = decoder.shape;
  const weights = Array.from({ length: layers }, () => new Float32Array(hidden));
  const first = firstRouter({ weights, biases: new Array(layers).fill(0) });
  const byInfluence = await another('gates');
  const byMeans = await another('gates');
  cases.push(
    generate(byInfluence.use(layerSkip({ selector: promptInfluence(), skip: 6 })), 'influences'),
    generate(byMeans.use(layerSkip({ selector: first, skip: 6 })), 'means'),
  );
  // Differences of a few per cent are asked for, and a round is short.
  const samples = await interleave(cases, 3 * rounds);
  for (const own of [decoder, ...others]) await own.close();
  const speeds = (name: string) =>
    samples.get(name)!.map(({ decodeTokensPerSecond }) => decodeTokensPerSecond);
  const prefills = (name: string) => samples.get(name)!.map(({ prefillMs }) => prefillMs);
  const ratio = (count: number, how: string, atLeast: number | undefined): Row => ({
    what: `layer-skip at 512: ${count} skipped by ${how} / plain`,
    unit: 'x',
    value: pairedRatio(speeds(`${count} by ${how}`), speeds('plain')),
    ...(atLeast && { target: { atLeast } }),
  });
  return [
    {
      what: 'layer-skip at 512: plain, no gates',
      unit: 'tokens/s',
      value: summarise(speeds('plain')),
    },
    ...gated.map((count) => ratio(count, 'gates', gateTargets[count])),
    ...cut.map((count) => ratio(count, 'cut', 0.95 * ideal(count))),
    ...(['influences', 'means'] as const).map(
      (what): Row => ({
        what: `layer-skip at 512: prefill that gives ${what} / plain`,
        unit: 'x',
        value: pairedRatio(prefills(what), prefills('plain')),
        target: { atMost: 1.01 },
      }),
    ),
  ];
}
