import { type Decoder, pipeline, type Sequence } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { kvDrop, snapKV } from '@pliant/kv-drop';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { interleave } from '../interleave.js';
import { type Effort, once, type Row } from '../measure.js';
import { openEndlessTokenizer, readPrompt, threads } from '../setup.js';
import { median, pairedRatio, summarise } from '../statistics.js';

/** Budget 256 on 2,048 tokens. */
export async function kvDropAt2048({ rounds, newTokens }: Effort): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { threads });
  const tokenizer = await openEndlessTokenizer();
  const ids = await readPrompt(2048);
  const edits: number[] = [];
  const plain = pipeline(decoder, { tokenizer });
  const dropping = pipeline(withTimedEdits(decoder, edits), { tokenizer }).use(
    kvDrop({ policy: snapKV(), budget: 256 }),
  );
  const generate = (stack: typeof plain) => async () =>
    (await stack.generate({ ids }, { maxNewTokens: newTokens })).metrics;
  const samples = await interleave(
    [
      { name: 'plain', run: generate(plain) },
      { name: 'dropping', run: generate(dropping) },
    ],
    rounds,
  );
  await decoder.close();
  const of = (name: string) => samples.get(name)!;
  const [before, after] = ['plain', 'dropping'].map((name) =>
    median(of(name).map(({ kvBytesAfterPrefill }) => kvBytesAfterPrefill)),
  );
  const column = (name: string, key: 'prefillMs' | 'decodeTokensPerSecond') =>
    of(name).map((metrics) => metrics[key]);
  return [
    { what: 'kv-drop 256 of 2,048: KV bytes before', unit: 'MB', value: once(before / 1e6) },
    { what: 'kv-drop 256 of 2,048: KV bytes after', unit: 'MB', value: once(after / 1e6) },
    {
      what: 'kv-drop 256 of 2,048: KV bytes before / after',
      unit: 'x',
      value: once(before / after),
      target: { atLeast: 8 },
    },
    {
      what: 'kv-drop 256 of 2,048: the edit',
      unit: 'ms',
      value: summarise(edits),
      target: { atMost: 30 },
    },
    {
      what: 'kv-drop 256 of 2,048: choosing the rows',
      unit: 'ms',
      value: summarise(of('dropping').map(({ middlewares }) => middlewares['kv-drop'].selectMs)),
    },
    {
      what: 'kv-drop 256 of 2,048: prefill with scores / plain',
      unit: 'x',
      value: pairedRatio(column('dropping', 'prefillMs'), column('plain', 'prefillMs')),
    },
    {
      what: 'kv-drop 256 of 2,048: decode speed / plain',
      unit: 'x',
      value: pairedRatio(
        column('dropping', 'decodeTokensPerSecond'),
        column('plain', 'decodeTokensPerSecond'),
      ),
    },
  ];
}

/** The decoder, noting how long edits that keep rows take. */
function withTimedEdits(
  decoder: Awaited<ReturnType<typeof openDecoder>>,
  edits: number[],
): Decoder {
  return {
    id: decoder.id,
    capabilities: decoder.capabilities,
    missing: decoder.missing,
    shape: decoder.shape,
    vocabularyFingerprint: decoder.vocabularyFingerprint,
    prepare: (needs) => decoder.prepare(needs),
    close: () => decoder.close(),
    async open(options) {
      const sequence: Sequence = await decoder.open(options);
      return {
        cache: sequence.cache,
        forward: (input) => sequence.forward(input),
        fork: (edit) => sequence.fork(edit),
        close: () => sequence.close(),
        edit(edit) {
          const started = performance.now();
          sequence.edit(edit);
          if ('keep' in edit) edits.push(performance.now() - started);
        },
      };
    },
  };
}
