import type { Sequence } from '@pliant/core';
import * as ort from '@pliant/engine-ort';
import { fixturePath } from '@pliant/fixtures';
import { smollm2 } from '@pliant/model-smollm2-135m';
import * as transformers from '@pliant/transformers';
import type { PackageTargets } from './target.js';

const tiny = fixturePath('models/tiny-llama');
const file = 'onnx/model.onnx';
const engine = await ort.openDecoder(tiny, { threads: 1 });
const tokenizer = await transformers.openTokenizer(smollm2);

async function withSequence<T>(call: (sequence: Sequence) => T | Promise<T>): Promise<T> {
  const sequence = await engine.open({
    needs: ['kv.edit', 'fork', 'layers.skip', 'logits.all', 'hidden.means'],
  });
  try {
    await sequence.forward({ ids: Int32Array.of(1, 2, 3, 4) });
    return await call(sequence);
  } finally {
    sequence.close();
  }
}

const saved = await withSequence((sequence) => sequence.save!());

export const engineTargets: PackageTargets = {
  name: 'engine-ort',
  exports: ort,
  leftOut: {},
  targets: [
    {
      name: 'openDecoder',
      args: () => [
        tiny,
        { runtime: 'native', threads: 1, skipping: 'gates', telemetry: false, expect: ['kv.edit'] },
      ],
      call: async (...a: Parameters<typeof ort.openDecoder>) =>
        (await ort.openDecoder(...a)).close(),
    },
    {
      name: 'openDecoder of a descriptor',
      args: () => [
        { id: 'x', folder: tiny, file, capabilities: ['kv.edit'], defaults: { 'layer-skip': {} } },
      ],
      call: async (source) => (await ort.openDecoder(source)).close(),
    },
    {
      name: 'decoder.open',
      args: () => [{ needs: ['scores'], rows: 8, maxRows: 64 }],
      call: async (options) => {
        const sequence = await engine.open(options);
        await sequence.forward({ ids: Int32Array.of(1, 2) }).finally(() => sequence.close());
      },
    },
    { name: 'decoder.prepare', args: () => [['scores']], call: (needs) => engine.prepare!(needs) },
    {
      name: 'decoder.draft',
      args: () => [{ layers: 2 }],
      call: (options) => engine.draft(options).close(),
    },
    {
      name: 'sequence.forward',
      args: () => [
        {
          ids: Int32Array.of(5, 6),
          layers: Uint8Array.of(1, 1, 0, 1),
          want: { logits: 'all', hiddenMeans: true },
          signal: new AbortController().signal,
        },
      ],
      call: (input) => withSequence((sequence) => sequence.forward(input)),
    },
    {
      name: 'sequence.edit',
      args: () => [{ keep: () => Uint32Array.of(0, 2), rowsAhead: 4 }],
      call: (edit) =>
        withSequence((sequence) => {
          sequence.edit(edit);
        }),
    },
    {
      name: 'sequence.edit with a truncation',
      args: () => [{ truncate: 2 }],
      call: (edit) => withSequence((sequence) => sequence.edit(edit)),
    },
    {
      name: 'what keep of an edit returns',
      args: () => [Uint32Array.of(0, 2)],
      call: (rows) => withSequence((sequence) => sequence.edit({ keep: () => rows })),
    },
    {
      name: 'sequence.fork',
      args: () => [{ keep: () => Uint32Array.of(0, 2) }],
      call: (edit) => withSequence(async (sequence) => (await sequence.fork(edit)).close()),
    },
    {
      name: 'sequence.restore',
      args: () => [structuredClone(saved)],
      call: async (given) => {
        const sequence = await engine.open();
        try {
          sequence.restore!(given);
        } finally {
          sequence.close();
        }
      },
    },
  ],
};

export const transformersTargets: PackageTargets = {
  name: 'transformers',
  exports: transformers,
  leftOut: { fromTransformers: 'needs a loaded model of the library; see its tests' },
  targets: [
    {
      name: 'openTokenizer',
      args: () => [
        { id: 'x', folder: smollm2.folder, file, capabilities: [] },
        { library: undefined },
      ],
      call: (...a: Parameters<typeof transformers.openTokenizer>) =>
        transformers.openTokenizer(...a),
    },
    { name: 'tokenizer.encode', args: () => ['abc'], call: (text) => tokenizer.encode(text) },
    { name: 'tokenizer.decode', args: () => [[5]], call: (ids) => tokenizer.decode(ids) },
    { name: 'tokenizer.bytes', args: () => [5], call: (id) => tokenizer.bytes(id) },
    {
      name: 'tokenizer.renderChat',
      args: () => [[{ role: 'user', content: 'abc' }], { continueLast: true }],
      call: (...a: Parameters<typeof tokenizer.renderChat>) => tokenizer.renderChat(...a),
    },
  ],
};
