import { kvDrop, snapKV, specKV } from '@pliant/kv-drop';
import { openBareLoop } from './bare-loop.js';
import { openCacheAsOutputs } from './cache-as-outputs.js';
import type { Contestant } from './contestant.js';
import { openPipeline } from './pipeline.js';
import { openSequenceLoop } from './sequence-loop.js';
import { openTransformersJs } from './transformers-js.js';

const contestants = {
  pipeline: () => openPipeline('native'),
  'pipeline, snapKV': () => openPipeline('native', kvDrop({ policy: snapKV(), budget: 256 })),
  'pipeline, specKV': () =>
    openPipeline('native', kvDrop({ policy: specKV({ lookahead: 16 }), budget: 256 })),
  'sequence loop': () => openSequenceLoop('native'),
  'bare loop': () => openBareLoop('native'),
  'pipeline, binding': () => openPipeline('binding'),
  'bare loop, binding': () => openBareLoop('binding'),
  'onnxruntime-node, cache as outputs': openCacheAsOutputs,
  'transformers.js generate': openTransformersJs,
} satisfies { [name: string]: () => Promise<Contestant> };

export type ContestantName = keyof typeof contestants;

export function openContestant(name: ContestantName): Promise<Contestant> {
  return contestants[name]();
}
