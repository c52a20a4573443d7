// @ts-nocheck: TypeScript refuses nearly all of these; callers in JavaScript make them.
import { accepts, constrain, isViablePrefix, jsonSchema, regex } from '@pliant/constrain';
import { pipeline, stepAll } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { openDecoder } from '@pliant/engine-ort';
import { fixturePath } from '@pliant/fixtures';
import { chunked, knorm, kvDrop, protectRows } from '@pliant/kv-drop';
import { layerSkip, ridgeRouter, setRouter, shortGPT, staticGreedy } from '@pliant/layer-skip';
import { openTokenizer } from '@pliant/transformers';
import { expect, test } from 'vitest';
import { problemOf } from './wrong-values.js';

const tokenizer = mockTokenizer();
const stack = pipeline(mockDecoder(), { tokenizer });
const two = { maxNewTokens: 2 };
const text = { text: 'abc' };
const user = (fields) =>
  stack.generate({ messages: [{ role: 'user', content: 'hi', ...fields }] }, two);
const started = async () => {
  const generation = await stack.start({ messages: [{ role: 'user', content: 'hi' }] }, two);
  await generation.step();
  return generation;
};
const ended = async () => {
  const generation = await started();
  while (!generation.done) await generation.step();
  return generation;
};
const policy = {
  name: 'p',
  requires: [],
  minimumBudget: 1,
  score: ({ kvHeads, candidates }) =>
    Array.from({ length: kvHeads }, () => new Float32Array(candidates)),
};
const constrainTo = (given) => stack.use(constrain(given)).generate(text, two);
const withSequence = async (run) => {
  const sequence = await mockDecoder().open();
  try {
    await sequence.forward({ ids: Int32Array.of(1, 2, 3) });
    return await run(sequence);
  } finally {
    sequence.close();
  }
};

/** A call, and a pattern that the message must match: the argument or what it should be. */
const mistakes = {
  // a prompt that is none
  "generate('hello')": [() => stack.generate('hello'), /prompt|text|messages/],
  'generate()': [() => stack.generate(), /prompt|text|messages/],
  'generate([1, 2, 3])': [() => stack.generate([1, 2, 3]), /ids|prompt/],
  'generate({ tokens })': [() => stack.generate({ tokens: [1] }), /tokens|ids|prompt/],
  "generate({ prompt: 'x' })": [() => stack.generate({ prompt: 'x' }), /prompt|text/],
  'generate([{ role, content }])': [
    () => stack.generate([{ role: 'user', content: 'hi' }]),
    /messages|prompt/,
  ],
  'stream([{ role, content }])': [
    async () => {
      for await (const _ of stack.stream([{ role: 'user', content: 'hi' }]));
    },
    /messages|prompt/,
  ],
  "start({ prompt: 'x' })": [() => stack.start({ prompt: 'x' }), /prompt|text/],
  'read()': [() => stack.read(), /prompt|text|messages/],
  'text: 5': [() => stack.generate({ text: 5 }), /text/],
  'text: null': [() => stack.generate({ text: null }), /text/],
  'ids: null': [() => stack.generate({ ids: null }), /ids/],
  'messages: {}': [() => stack.generate({ messages: {} }), /messages/],
  "messages: 'hi'": [() => stack.generate({ messages: 'hi' }), /messages/],
  'messages: [null]': [() => stack.generate({ messages: [null] }), /messages/],
  'text and messages at once': [
    () => stack.generate({ text: 'a', messages: [{ role: 'user', content: 'b' }] }, two),
    /text|messages/,
  ],
  'an unknown key beside text': [() => stack.generate({ text: 'a', mesages: [] }, two), /mesages/],
  // a message that is none
  'content: undefined': [() => user({ content: undefined }), /content/],
  'content: null': [() => user({ content: null }), /content/],
  'content: 5': [() => user({ content: 5 }), /content/],
  "keep: 'alway'": [() => user({ keep: 'alway' }), /keep/],
  'role: 5': [() => user({ role: 5 }), /role/],
  'a message without role': [() => stack.generate({ messages: [{ content: 'hi' }] }, two), /role/],
  'an unknown key in a message': [() => user({ kep: 'always' }), /kep/],
  // a generation
  'fork()': [async () => (await started()).fork(), /seed|fork/],
  'fork({})': [async () => (await started()).fork({}), /seed/],
  "fork({ seed: 'x' })": [async () => (await started()).fork({ seed: 'x' }), /seed/],
  'fork({ sede: 1 })': [async () => (await started()).fork({ sede: 1 }), /sede|seed/],
  'append({ role, content })': [
    async () => (await ended()).append({ role: 'user', content: 'x' }),
    /messages|append/,
  ],
  'append([])': [async () => (await ended()).append([]), /messages|append/],
  'append(messages, null)': [
    async () => (await ended()).append([{ role: 'user', content: 'x' }], null),
    /options|null|append/,
  ],
  "append(messages, keep: 'alway')": [
    async () => (await ended()).append([{ role: 'user', content: 'x', keep: 'alway' }], two),
    /keep/,
  ],
  "rollback('x')": [async () => (await started()).rollback('x'), /rollback|tokens|count|number/],
  'load()': [() => stack.load(), /path|file/],
  "load('/nonexistent/x')": [() => stack.load('/nonexistent/x'), /nonexistent/],
  'load(a folder)': [() => stack.load('.'), /folder|directory|file/],
  'stepAll()': [() => stepAll(), /generations|stepAll/],
  'stepAll([{}])': [() => stepAll([{}]), /generation/],
  // a pipeline
  'pipeline()': [() => pipeline(), /decoder|pipeline/],
  'pipeline({}, ...)': [() => pipeline({}, { tokenizer }), /decoder/],
  'pipeline(a promise, ...)': [
    () => pipeline(Promise.resolve(mockDecoder()), { tokenizer }),
    /decoder|await/,
  ],
  'tokenizer: a promise': [
    () => pipeline(mockDecoder(), { tokenizer: Promise.resolve(tokenizer) }),
    /tokenizer|await/,
  ],
  // a sequence
  "edit({ positions: 'renumbr' })": [
    () =>
      withSequence((sequence) =>
        sequence.edit({ keep: () => Uint32Array.of(0, 2), positions: 'renumbr' }),
      ),
    /positions/,
  ],
  'edit()': [() => withSequence((sequence) => sequence.edit()), /keep|edit/],
  "want: { logits: 'x' }": [
    () =>
      withSequence((sequence) =>
        sequence.forward({ ids: Int32Array.of(4), want: { logits: 'x' } }),
      ),
    /logits/,
  ],
  // constraints
  'constrain(c, 5)': [() => constrain(regex(/a/), 5), /options|constrain/],
  'constrain(c, null)': [() => constrain(regex(/a/), null), /options|constrain/],
  "constrain(c, 'mask')": [() => constrain(regex(/a/), 'mask'), /options|constrain/],
  'constrain(/a/)': [() => constrainTo(/a/), /constraint|regex/],
  "accepts(undefined, 'a')": [() => accepts(undefined, 'a'), /constraint|accepts/],
  "accepts(/a/, 'a')": [() => accepts(/a/, 'a'), /constraint|regex/],
  'accepts(c, 5)': [() => accepts(regex(/a/), 5), /text|string/],
  "isViablePrefix(/a/, 'a')": [() => isViablePrefix(/a/, 'a'), /constraint|regex/],
  'jsonSchema, minimum: NaN': [
    () => constrainTo(jsonSchema({ type: 'integer', minimum: NaN })),
    /minimum/,
  ],
  // policies and selectors
  'chunked()': [() => chunked(), /policy/],
  'chunked(knorm)': [() => kvDrop({ policy: chunked(knorm, { size: 4 }), budget: 40 }), /policy/],
  'protectRows()': [() => protectRows(), /policy/],
  'a policy without requires': [
    () => kvDrop({ policy: { ...policy, requires: undefined }, budget: 9 }),
    /requires|policy/,
  ],
  'a policy without minimumBudget': [
    () =>
      stack
        .use(kvDrop({ policy: { ...policy, minimumBudget: undefined }, budget: 9 }))
        .generate({ text: 'abc '.repeat(9) }, two),
    /minimumBudget/,
  ],
  'ridgeRouter()': [() => ridgeRouter(), /ridgeRouter|calibration|option/],
  'setRouter({})': [() => setRouter({}), /setRouter|calibration/],
  'shortGPT({ calibration: {} })': [
    () =>
      stack
        .use(layerSkip({ selector: shortGPT({ calibration: {} }), skip: 1 }))
        .generate(text, two),
    /calibration/,
  ],
  'staticGreedy({ calibration: {} })': [
    () =>
      stack
        .use(layerSkip({ selector: staticGreedy({ calibration: {} }), skip: 1 }))
        .generate(text, two),
    /calibration/,
  ],
  // opening
  'openDecoder({})': [() => openDecoder({}), /folder|descriptor|model/],
  'openDecoder()': [() => openDecoder(), /folder|descriptor|model/],
  "capabilities: ['kv.edti']": [
    () =>
      openDecoder({
        id: 'x',
        folder: fixturePath('models/tiny-llama'),
        file: 'onnx/model.onnx',
        capabilities: ['kv.edti'],
      }),
    /kv\.edti/,
  ],
  "file: ''": [
    () =>
      openDecoder({
        id: 'x',
        folder: fixturePath('models/tiny-llama'),
        file: '',
        capabilities: [],
      }),
    /file/,
  ],
  'openTokenizer()': [() => openTokenizer(), /folder|descriptor|model|source/],
  'openTokenizer({})': [() => openTokenizer({}), /folder|descriptor|model|source/],
};

test.each(Object.entries(mistakes))('%s names what is wrong', async (_, [run, names]) => {
  let error: unknown;
  try {
    await run();
  } catch (thrown) {
    error = thrown;
  }
  expect(problemOf(error)).toBeUndefined();
  expect((error as Error).message).toMatch(names);
});
