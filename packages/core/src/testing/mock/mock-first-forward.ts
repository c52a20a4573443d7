import type { CheckedForward } from '../../checks/check-forward.js';
import type { ForwardOutput, OpenOptions, Want } from '../../contract/decoder.js';
import type { MockCache } from './model/mock-cache.js';
import type { Weights } from './model/mock-weights.js';

interface Read {
  readonly cache: MockCache;
  readonly logits: Float32Array;
  readonly evidence: Omit<ForwardOutput, 'logits'>;
}

const most = 32;
/** In tokens: longer prompts would hold much memory. */
const longest = 512;
const known = new WeakMap<Weights, Map<string, Read>>();

/**
 * `run`, unless the same tokens were read into a new cache before: then a copy of what came of
 * that, cache and output. Tests read the same few prompts over and over.
 * @param logits filled as by `run`
 */
export function firstForward(
  weights: Weights,
  cache: MockCache,
  { rows, maxRows }: OpenOptions,
  { ids, positions, gates, scales }: CheckedForward,
  want: Want | undefined,
  logits: Float32Array,
  run: () => ForwardOutput,
): ForwardOutput {
  if (!cache.isNew || ids.length > longest) return run();
  const reads = known.get(weights) ?? new Map<string, Read>();
  known.set(weights, reads);
  const key = JSON.stringify([cache.layers, rows, maxRows, ids, positions, gates, scales, want]);
  const read = reads.get(key);
  if (!read) {
    const output = run();
    const { logits: filled, ...evidence } = output;
    reads.set(key, {
      cache: cache.copy(),
      logits: filled.slice(),
      evidence: structuredClone(evidence),
    });
    if (reads.size > most) reads.delete(reads.keys().next().value!);
    return output;
  }
  reads.delete(key);
  reads.set(key, read);
  cache.fillFrom(read.cache);
  logits.set(read.logits);
  return { ...structuredClone(read.evidence), logits: logits.subarray(0, read.logits.length) };
}
