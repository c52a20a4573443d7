import { pipeline } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { pairedRatio } from '@pliant/shared/statistics';
import { type SelfSpeculateOptions, selfSpeculate } from '@pliant/speculate';
import { interleave } from '../interleave.js';
import { type Effort, once, type Row } from '../measure.js';
import { openEndlessTokenizer, readPrompt, threads } from '../setup.js';

const kinds: { readonly [name: string]: SelfSpeculateOptions } = {
  'skip 6, as it pays': { skip: 6 },
  'skip 6, always 3': { skip: 6, draftTokens: 3, adaptive: false },
};

/**
 * Decode at 256 tokens with drafts by the model itself, against the plain run; layers are cut out
 * of the graph.
 */
export async function selfSpeculateSpeed({ rounds, newTokens }: Effort): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { threads, skipping: 'cut' });
  const tokenizer = await openEndlessTokenizer();
  const ids = await readPrompt(256);
  const plain = pipeline(decoder, { tokenizer });
  const accepted = new Map<string, number>();
  const generate = (stack: typeof plain, name: string) => async () => {
    const { metrics } = await stack.generate({ ids }, { maxNewTokens: newTokens });
    const { tokensDrafted = 0, tokensAccepted = 0 } = metrics.middlewares['self-speculate'] ?? {};
    if (tokensDrafted > 0) accepted.set(name, tokensAccepted / tokensDrafted);
    return metrics.decodeTokensPerSecond;
  };
  const samples = await interleave(
    [
      { name: 'plain', run: generate(plain, 'plain') },
      ...Object.entries(kinds).map(([name, options]) => ({
        name,
        run: generate(plain.use(selfSpeculate(options)), name),
      })),
    ],
    rounds,
  );
  await decoder.close();
  return [
    ...Object.keys(kinds).map((name) => ({
      what: `self-speculation: decode speed / plain, ${name}`,
      unit: 'x',
      value: pairedRatio(samples.get(name)!, samples.get('plain')!),
      ...(kinds[name].adaptive !== false && { target: { atLeast: 0.95 } }),
    })),
    ...[...accepted].map(([name, share]) => ({
      what: `self-speculation: drafted tokens accepted, ${name}`,
      unit: 'share',
      value: once(share),
    })),
  ];
}
