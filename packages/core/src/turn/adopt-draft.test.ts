import { expect, test } from 'vitest';
import type { Sequence } from '../contract/decoder.js';
import { PromptError, StateError } from '../contract/errors.js';
import type { Hooks, Middleware, Run } from '../contract/middleware.js';
import { pipeline } from '../pipeline.js';
import { mockDecoder, mockTokenizer } from '../testing/index.js';

const tokenizer = mockTokenizer();
const chat = { messages: [{ role: 'user', content: 'Name a fruit.' }] };
const question = (content: string) => [{ role: 'user', content }];
const short = { maxNewTokens: 4 };

/** Reads each prompt with a draft of one layer, which it takes along from turn to turn. */
function reader(seen: { drafts: Sequence[] }, takesOver = true): Middleware<'reader'> {
  const hooks = (run: Run, adopted?: Sequence): Hooks => {
    let draft = adopted;
    return {
      async prefill(input, next) {
        draft ??= await run.open(decoderOf(run));
        seen.drafts.push(draft);
        await draft.forward({ ids: input.ids });
        return next(input);
      },
      ...(takesOver && { nextTurn: (later: Run) => hooks(later, draft && later.adopt(draft)) }),
    };
  };
  return { specificationVersion: 'v1', name: 'reader', requires: [], create: (run) => hooks(run) };
}
const drafts = new WeakMap<object, ReturnType<typeof mockDecoder>>();
function decoderOf({ decoder }: Run) {
  return drafts.get(decoder)!;
}

function open(takesOver?: boolean, maxPositions?: number) {
  const decoder = mockDecoder({ maxPositions });
  const draft = decoder.draft({ layers: 1 });
  drafts.set(decoder, draft);
  const seen = { drafts: [] as Sequence[] };
  return {
    decoder,
    draft,
    seen,
    stack: pipeline(decoder, { tokenizer }).use(reader(seen, takesOver)),
  };
}

test('a draft that nextTurn adopts reads only what is new, and is closed with the generation', async () => {
  const { decoder, draft, seen, stack } = open();
  const generation = await stack.start(chat, short);
  while (!generation.done) await generation.step();
  const first = draft.calls[0].ids.length;
  await generation.append(question('Another one.'), short);
  expect(draft.calls.map(({ sequence }) => sequence)).toEqual([0, 0]);
  expect(draft.calls[1].positions[0]).toBe(first);
  expect(generation.result().metrics.kvBytesPeak).toBeGreaterThan(seen.drafts[1].cache.bytes);
  expect(decoder.openSequences).toBe(2);
  await generation.append(question('And one more.'), short);
  expect(draft.calls.map(({ sequence }) => sequence)).toEqual([0, 0, 0]);
  await generation.close();
  expect(decoder.openSequences).toBe(0);
});

test('a draft that nobody adopts is closed with its turn', async () => {
  const { decoder, draft, stack } = open(false);
  const generation = await stack.start(chat, short);
  while (!generation.done) await generation.step();
  await generation.append(question('Another one.'), short);
  expect(draft.calls.map(({ sequence }) => sequence)).toEqual([0, 1]);
  expect(decoder.openSequences).toBe(2);
  await generation.close();
});

test('a turn that is refused leaves the draft to the turn before', async () => {
  const { decoder, draft, stack } = open(true, 80);
  const generation = await stack.start(chat, short);
  while (!generation.done) await generation.step();
  await expect(generation.append(question('long '.repeat(40)), short)).rejects.toThrow(PromptError);
  await generation.append(question('Short.'), short);
  expect(draft.calls.map(({ sequence }) => sequence)).toEqual([0, 0]);
  await generation.close();
  expect(decoder.openSequences).toBe(0);
});

test("an adopted draft stops with the new turn's signal", async () => {
  const { seen, stack } = open();
  const generation = await stack.start(chat, short);
  while (!generation.done) await generation.step();
  const stop = new AbortController();
  await generation.append(question('Another one.'), { ...short, signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(seen.drafts[1].forward({ ids: Int32Array.of(65) })).rejects.toThrow('enough');
  await generation.close();
});

test('where an end hook throws, the draft is closed with the generation', async () => {
  const { decoder, stack } = open();
  const failing = stack.use({
    specificationVersion: 'v1',
    name: 'failing',
    requires: [],
    create: () => ({
      end() {
        throw new Error('end fails');
      },
    }),
  });
  const generation = await failing.start(chat, short);
  while (!generation.done) await generation.step();
  await expect(generation.append(question('Another one.'), short)).rejects.toThrow('end fails');
  expect(decoder.openSequences).toBe(0);
});

test.each(['create', 'fork'] as const)('adopt is refused in %s', async (hook) => {
  const decoder = mockDecoder();
  const other = await decoder.open();
  const adopt = (run: Run): Hooks => {
    run.adopt(other);
    return {};
  };
  const stack = pipeline(decoder, { tokenizer }).use({
    specificationVersion: 'v1',
    name: 'hasty',
    requires: [],
    create: hook === 'create' ? adopt : () => ({ fork: adopt }),
  });
  const refused = async () => {
    await using generation = await stack.start(chat, short);
    await generation.fork({ seed: 1 });
  };
  await expect(refused()).rejects.toThrow(StateError);
  expect(decoder.openSequences).toBe(1);
});
