import { type Generation, randomStream } from '@pliant/core';
import type { Critic } from './critic.js';
import { effectiveSampleSize, normalise } from './log-weights.js';
import type { Generations, Particle } from './particles.js';
import type { Resampling } from './resample.js';
import { resampleParticles } from './resample-particles.js';
import type { SmcResult } from './smc-result.js';
import { stepParticles } from './step-particles.js';
import { summariseParticles } from './summarise-particles.js';

export interface ParticleSettings {
  readonly particles: number;
  readonly essThreshold: number;
  readonly resampling: Resampling;
  readonly critic?: Critic;
}

/** Relative error that equal weights may have, which are no reason to resample. */
const rounding = 1e-12;

/**
 * Makes particles of a generation that has read its prompt, and steps and resamples them until all
 * have ended.
 */
export async function runParticles<Value>(
  first: Generation<Value>,
  generations: Generations<Value>,
  settings: ParticleSettings,
  seed: number,
): Promise<SmcResult<Value>> {
  const { essThreshold, resampling, critic } = settings;
  const began = performance.now();
  const { promptTokens, prefillMs } = first.result().metrics;
  const random = randomStream(seed, 'smc, ancestors');
  let particles = await multiply(first, generations, settings.particles);
  const counts = { steps: 0, tokens: 0, resamplings: 0, copies: 0 };
  const firstCopies = generations.copies;
  while (particles.some(({ ended }) => ended === undefined)) {
    counts.tokens += await stepParticles(particles, generations, critic, essThreshold > 0);
    counts.steps++;
    const isOver = particles.every(({ ended }) => ended !== undefined);
    if (!isOver && sampleSize(particles) < essThreshold * particles.length * (1 - rounding)) {
      particles = await resampleParticles(particles, generations, resampling, random);
      counts.resamplings++;
    }
  }
  counts.copies = generations.copies - firstCopies;
  await generations.closeAll();
  return {
    ...summariseParticles(particles),
    metrics: {
      promptTokens,
      prefillMs,
      decodeMs: performance.now() - began,
      ...counts,
      checksPerToken: counts.tokens > 0 ? generations.checks / counts.tokens : 0,
      dead: particles.filter(({ logWeight }) => logWeight === Number.NEGATIVE_INFINITY).length,
    },
  };
}

/** The generation itself and copies of it; where it was aborted, as one that has ended. */
async function multiply<Value>(
  first: Generation<Value>,
  generations: Generations<Value>,
  count: number,
): Promise<Particle<Value>[]> {
  const particles: Particle<Value>[] = [];
  for (let index = 0; index < count; index++)
    particles.push({
      generation: index === 0 || first.done ? first : await generations.fork(first),
      ...(first.done
        ? { logWeight: Number.NEGATIVE_INFINITY, ended: 'aborted' }
        : { logWeight: 0 }),
      twist: 0,
    });
  return particles;
}

function sampleSize(particles: readonly Particle[]): number {
  return effectiveSampleSize(normalise(particles.map(({ logWeight }) => logWeight)));
}
