import * as pc from '@pliant/prompt-compress';
import { chat, decoder, run, tokenizer } from './surroundings.js';
import type { PackageTargets } from './target.js';

const selection = () => ({
  keep: 40,
  window: 8,
  unit: 'token' as const,
  kernel: 4,
  neighbours: 2,
  pool: 'max' as const,
  startLayer: 1,
  reduction: 'max' as const,
  weightedQuery: true,
  lookahead: 1,
  keepRoles: ['system'],
  keepQuestion: false,
  keepFences: false,
  perMessage: false,
});

export const promptCompressTargets: PackageTargets = {
  name: 'prompt-compress',
  exports: pc,
  leftOut: {},
  targets: [
    {
      name: 'promptCompress',
      args: () => [
        {
          ...selection(),
          draft: decoder(),
          keepTemplate: true,
          minTokens: 10,
          onCompressed: () => {},
        },
      ],
      call: (options) => run(pc.promptCompress(options) as never),
    },
    {
      name: 'compressText',
      args: () => [
        chat().messages,
        {
          ...selection(),
          draft: decoder(),
          tokenizer,
          minTokens: 0,
          gap: '',
          signal: new AbortController().signal,
        },
      ],
      call: (...a: Parameters<typeof pc.compressText>) => pc.compressText(...a),
    },
  ],
};
