import * as presets from '@pliant/presets';
import * as commandLine from '@pliant/presets/command-line';
import { decoder, run } from './surroundings.js';
import type { PackageTargets, Target } from './target.js';

const options: { readonly [name in presets.MiddlewareName]: () => object } = {
  'prompt-compress': () => ({ draft: 2, keep: 64, window: 8 }),
  'kv-drop': () => ({ policy: { name: 'snapKV', window: 8, chunked: { size: 4 } }, budget: 24 }),
  'layer-skip': () => ({ selector: 'promptInfluence', skip: 1 }),
  constrain: () => ({ regex: '[a-z]*', jumpForward: true }),
  'prompt-lookup': () => ({ ngram: 1 }),
  'self-speculate': () => ({ layers: [2] }),
};

export const presetsTargets: PackageTargets = {
  name: 'presets',
  exports: { ...presets, ...commandLine },
  leftOut: {},
  targets: [
    ...presets.middlewareNames.map(
      (name): Target => ({
        name: `makeMiddleware ${name}`,
        args: () => [name, options[name](), decoder()],
        call: (...given: Parameters<typeof presets.makeMiddleware>) =>
          run(presets.makeMiddleware(...given) as never),
      }),
    ),
    {
      name: 'makeStack',
      args: () => [['kv-drop'], { 'kv-drop': options['kv-drop']() }, decoder()],
      call: presets.makeStack,
    },
    { name: 'middlewareName', args: () => ['kv-drop'], call: presets.middlewareName },
    {
      name: 'compressOptions',
      args: () => [{ draft: 2 }, decoder()],
      call: presets.compressOptions,
    },
    {
      name: 'parseStack',
      args: () => ['kv-drop', ['kv-drop.policy.window=16']],
      call: commandLine.parseStack,
    },
    {
      name: 'readSettingFiles',
      args: () => [{ constrain: { schema: { type: 'boolean' } } }],
      call: commandLine.readSettingFiles,
    },
  ],
};
