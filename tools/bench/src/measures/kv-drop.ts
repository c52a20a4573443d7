import { type Decoder, type Metrics, pipeline, type Sequence } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { kvDrop, snapKV, specKV } from '@pliant/kv-drop';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { median, pairedRatio, summarise } from '@pliant/shared/statistics';
import { interleave } from '../interleave.js';
import { type Effort, once, type Row } from '../measure.js';
import { openEndlessTokenizer, readPrompt, threads } from '../setup.js';

const lookahead = 16;

/** Budget 256 on 2,048 tokens: memory, speed, and what choosing the rows costs. */
export async function kvDropAt2048({ rounds, newTokens }: Effort): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { threads });
  const tokenizer = await openEndlessTokenizer();
  const ids = await readPrompt(2048);
  const edits: number[] = [];
  const plain = pipeline(decoder, { tokenizer });
  const timed = pipeline(withTimedEdits(decoder, edits), { tokenizer });
  const generate = (stack: typeof plain) => async () =>
    (await stack.generate({ ids }, { maxNewTokens: newTokens })).metrics;
  const samples = await interleave(
    [
      { name: 'plain', run: generate(plain) },
      {
        name: 'snapKV',
        run: generate(timed.use(kvDrop({ policy: snapKV(), budget: 256 }))),
      },
      {
        name: 'specKV',
        run: generate(plain.use(kvDrop({ policy: specKV({ lookahead }), budget: 256 }))),
      },
      {
        name: 'specKV, reduced copy',
        run: generate(
          plain.use(kvDrop({ policy: specKV({ lookahead, lookaheadBudget: 256 }), budget: 256 })),
        ),
      },
    ],
    rounds,
  );
  await decoder.close();
  const of = (name: string) => samples.get(name)!;
  const bytes = (name: string) =>
    median(of(name).map(({ kvBytesAfterPrefill }) => kvBytesAfterPrefill));
  const column = (name: string, read: (metrics: Metrics) => number) => of(name).map(read);
  const prefill = column('plain', ({ prefillMs }) => prefillMs);
  const firstToken = column('plain', ({ timeToFirstTokenMs }) => timeToFirstTokenMs);
  /** Time in which the plain run writes as many tokens as the look-ahead has. */
  const writing = column('plain', (metrics) => (lookahead * 1000) / metrics.decodeTokensPerSecond);
  /**
   * Everything before the first token that the plain run does not have, as a share of its prefill.
   */
  const added = (name: string, aside: readonly number[]) =>
    summarise(
      column(name, ({ timeToFirstTokenMs }) => timeToFirstTokenMs).map(
        (ms, round) => (ms - firstToken[round] - aside[round]) / prefill[round],
      ),
    );
  const none = prefill.map(() => 0);
  const what = (text: string) => `kv-drop 256 of 2,048: ${text}`;
  return [
    { what: what('KV bytes before'), unit: 'MB', value: once(bytes('plain') / 1e6) },
    { what: what('KV bytes after'), unit: 'MB', value: once(bytes('snapKV') / 1e6) },
    { what: what('the edit'), unit: 'ms', value: summarise(edits), target: { atMost: 30 } },
    {
      what: what('choosing the rows, snapKV'),
      unit: 'ms',
      value: summarise(column('snapKV', ({ middlewares }) => middlewares['kv-drop'].selectMs)),
    },
    {
      what: what('scores, choice, edit and token fed again, snapKV / prefill'),
      unit: 'x',
      value: added('snapKV', none),
      target: { atMost: 0.15 },
    },
    {
      what: what(`the same, specKV, beyond writing ${lookahead} tokens / prefill`),
      unit: 'x',
      value: added('specKV', writing),
      target: { atMost: 0.2 },
    },
    {
      what: what('specKV, with the look-ahead / prefill'),
      unit: 'x',
      value: added('specKV', none),
    },
    {
      what: what('specKV on a reduced copy, with the look-ahead / prefill'),
      unit: 'x',
      value: added('specKV, reduced copy', none),
    },
    ...['snapKV', 'specKV', 'specKV, reduced copy'].map((name) => ({
      what: what(`first token, ${name} / plain`),
      unit: 'x',
      value: pairedRatio(
        column(name, ({ timeToFirstTokenMs }) => timeToFirstTokenMs),
        firstToken,
      ),
      target: { atMost: 1.3 },
    })),
    {
      what: what('decode speed / plain'),
      unit: 'x',
      value: pairedRatio(
        column('snapKV', ({ decodeTokensPerSecond }) => decodeTokensPerSecond),
        column('plain', ({ decodeTokensPerSecond }) => decodeTokensPerSecond),
      ),
    },
  ];
}

/** Budget 256 on 4,096 tokens. */
export async function kvDropAt4096({ rounds, newTokens }: Effort): Promise<Row[]> {
  const decoder = await openDecoder(smollm2, { threads });
  const tokenizer = await openEndlessTokenizer();
  const ids = await readPrompt(4096);
  const plain = pipeline(decoder, { tokenizer });
  const dropping = plain.use(kvDrop({ policy: snapKV(), budget: 256 }));
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
  const column = (name: string, read: (metrics: Metrics) => number) => samples.get(name)!.map(read);
  return [
    {
      what: 'kv-drop 256 of 4,096: KV bytes before / after, headroom included',
      unit: 'x',
      value: pairedRatio(
        column('plain', ({ kvBytesAfterPrefill }) => kvBytesAfterPrefill),
        column('dropping', ({ kvBytesAfterPrefill }) => kvBytesAfterPrefill),
      ),
      target: { atLeast: 12 },
    },
    {
      what: 'kv-drop 256 of 4,096: decode speed / plain',
      unit: 'x',
      value: pairedRatio(
        column('dropping', ({ decodeTokensPerSecond }) => decodeTokensPerSecond),
        column('plain', ({ decodeTokensPerSecond }) => decodeTokensPerSecond),
      ),
      target: { atLeast: 1.7 },
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
    [Symbol.asyncDispose]: () => decoder.close(),
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
