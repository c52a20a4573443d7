import * as core from '@pliant/core';
import * as engine from '@pliant/core/engine';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { chat, savedGeneration, stack, started, tokenizer, two } from './surroundings.js';
import type { PackageTargets, Target } from './target.js';

const onlyEngines = 'called by decoders, with what `forward` or `edit` was given';

const absent = Symbol('absent');

const options = () => ({
  maxNewTokens: 3,
  temperature: 0.5,
  topK: 5,
  topP: 0.9,
  minP: 0.1,
  repetitionPenalty: 1.1,
  seed: 1,
  stop: ['zz'],
  signal: new AbortController().signal,
});

/** The value that a hook returns in place of what `next` gives, or of nothing. */
const hookReturns = (
  [
    'prompt',
    'prefill',
    'forward',
    'editCache',
    'propose',
    'choose',
    'bounds',
    'rereadAnswer',
    'value',
  ] as const
).map(
  (hook): Target => ({
    name: `what ${hook} returns`,
    args: () => [absent],
    call: (value) => {
      const calls = (...given: unknown[]) => {
        const next = given.find((one) => typeof one === 'function') as core.Forward | undefined;
        const passed = next?.(given[0] as core.ForwardInput);
        if (value !== absent) return passed instanceof Promise ? passed.then(() => value) : value;
        return passed ?? (hook === 'propose' ? [] : undefined);
      };
      const hooks = hook === 'propose' ? { propose: () => calls() } : { [hook]: calls };
      const middleware = {
        specificationVersion: 'v1',
        name: 'own',
        requires: ['logits.all', 'kv.edit'],
        create: () => hooks,
      };
      return stack()
        .use(middleware as never)
        .generate(chat(), { maxNewTokens: 4 });
    },
  }),
);

export const coreTargets: PackageTargets = {
  name: 'core',
  exports: { ...core, ...engine },
  leftOut: {
    belongsToFolder: 'called by what opens files, with the paths that it found',
    checkMessages: 'is a check itself',
    checkSkippedLayers: 'is a check itself',
    asGiven: 'makes schemas',
    functionSchema: 'makes schemas',
    objectWith: 'makes schemas',
    parseArguments: 'is the check itself',
    parseOptions: 'is the check itself',
    show: 'takes anything',
    capabilitiesOfEdit: onlyEngines,
    capabilitiesUsed: onlyEngines,
    checkForward: onlyEngines,
    checkKeep: onlyEngines,
    checkSaved: onlyEngines,
    checkTruncate: onlyEngines,
    evidenceWanted: onlyEngines,
    futurePositions: onlyEngines,
    poolEvidence: 'called with what forwards gave',
    rowsBefore: onlyEngines,
    mostProbable: onlyEngines,
    randomStream: 'called for each draw',
    argmax: 'takes any list of numbers',
    checkDraftVocabulary: 'called by middlewares, with the decoders of a pipeline',
    readChunks: 'called by middlewares, with a sequence that they opened',
    requireCapability: 'is a check itself',
    shareOf: 'called by middlewares, with options that they checked',
    warnOfEarlyExit: 'called by middlewares, with the decoders of a pipeline',
  },
  targets: [
    {
      name: 'pipeline',
      args: () => [mockDecoder(), { tokenizer, chunkSize: 16 }],
      call: (...a: Parameters<typeof core.pipeline>) => core.pipeline(...a).generate(chat(), two),
    },
    {
      name: 'use',
      args: () => [
        {
          specificationVersion: 'v1',
          name: 'own',
          requires: [],
          optional: ['batch'],
          conflicts: ['other'],
          check: () => {},
          create: () => ({}),
        },
      ],
      call: (middleware) => stack().use(middleware).generate(chat(), two),
    },
    ...hookReturns,
    {
      name: 'generate text',
      args: () => [{ text: 'abc' }, options()],
      call: (...a) => stack().generate(a[0], a[1]),
    },
    {
      name: 'generate messages',
      args: () => [chat(), options()],
      call: (...a) => stack().generate(a[0], a[1]),
    },
    {
      name: 'generate ids',
      args: () => [{ ids: [1, 2, 3] }, options()],
      call: (...a) => stack().generate(a[0], a[1]),
    },
    {
      name: 'stream',
      args: () => [chat(), { ...two }],
      call: async (prompt, given) => {
        for await (const _ of stack().stream(prompt, given));
      },
    },
    {
      name: 'start',
      args: () => [chat(), { ...two }],
      call: async (prompt, given) => {
        const generation = await stack().start(prompt, given);
        await generation.step();
        await generation.close();
      },
    },
    {
      name: 'read',
      args: () => [chat(), { ...two }],
      call: async (prompt, given) => (await stack().read(prompt, given)).close(),
    },
    {
      name: 'load',
      args: () => [savedGeneration, { ...two }],
      call: async (path, given) => (await stack().load(path, given)).close(),
    },
    {
      name: 'save',
      args: () => ['kept'],
      call: async (path) => {
        const generation = await started();
        await generation.save(path).finally(() => generation.close());
      },
    },
    {
      name: 'fork',
      args: () => [{ seed: 1 }],
      call: async (given) => {
        const generation = await started();
        const copy = await generation.fork(given).finally(() => generation.close());
        await copy.step();
        await copy.close();
      },
    },
    {
      name: 'append',
      args: () => [[{ role: 'user', content: 'more', keep: 'always' }], { ...two }],
      call: async (messages, given) => {
        const generation = await started();
        while (!generation.done) await generation.step();
        await generation.append(messages, given).finally(() => generation.close());
      },
    },
    {
      name: 'rollback',
      args: () => [1],
      call: async (count) => {
        const generation = await started();
        await generation.step();
        try {
          generation.rollback(count);
        } finally {
          await generation.close();
        }
      },
    },
    {
      name: 'stepAll',
      args: () => [[]],
      call: async (generations) => {
        const own = await started();
        const isRight = Array.isArray(generations) && generations.length === 0;
        await core.stepAll(isRight ? [own] : generations).finally(() => own.close());
      },
    },
    {
      name: 'encodePromptWithin',
      args: () => [
        chat(),
        tokenizer,
        { signal: new AbortController().signal, room: 512, refuse: () => undefined },
      ],
      call: (...a: Parameters<typeof core.encodePromptWithin>) => core.encodePromptWithin(...a),
    },
    {
      name: 'encodePrompt',
      args: () => [chat(), tokenizer],
      call: (...a) => core.encodePrompt(a[0], a[1]),
    },
    { name: 'fingerprintVocabulary', args: () => [['a', 'b']], call: engine.fingerprintVocabulary },
    { name: 'readTensorFile', args: () => [savedGeneration], call: core.readTensorFile },
    {
      name: 'mockTokenizer.encode',
      args: () => ['abc'],
      call: (text) => mockTokenizer().encode(text),
    },
    { name: 'mockTokenizer.decode', args: () => [[5]], call: (ids) => mockTokenizer().decode(ids) },
    {
      name: 'mockTokenizer.renderChat',
      args: () => [chat().messages],
      call: (messages) => mockTokenizer().renderChat(messages),
    },
    { name: 'mockTokenizer.bytes', args: () => [5], call: (id) => mockTokenizer().bytes(id) },
  ],
};
