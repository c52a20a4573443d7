import { openBareLoop } from './bare-loop.js';
import { openCacheAsOutputs } from './cache-as-outputs.js';
import type { Contestant } from './contestant.js';
import { openPipeline } from './pipeline.js';
import { openSequenceLoop } from './sequence-loop.js';
import { openTransformersJs } from './transformers-js.js';

const contestants = {
  pipeline: () => openPipeline('native'),
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
