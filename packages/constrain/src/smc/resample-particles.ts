import type { Generation } from '@pliant/core';
import { logSumExp, normalise } from './log-weights.js';
import type { Generations, Particle } from './particles.js';
import { drawAncestors, type Resampling } from './resample.js';

/**
 * Copies of particles in proportion to their weights, which become equal; their mean stays what it
 * was. The first copy of a particle goes on with its generation, further ones fork it, and
 * generations of particles without a copy are closed.
 * @param particles at least one alive
 */
export async function resampleParticles<Value>(
  particles: readonly Particle<Value>[],
  generations: Generations<Value>,
  method: Resampling,
  random: () => number,
): Promise<Particle<Value>[]> {
  const logWeights = particles.map(({ logWeight }) => logWeight);
  const logWeight = logSumExp(logWeights) - Math.log(particles.length);
  const continued = new Set<Generation<Value>>();
  const copies: Particle<Value>[] = [];
  for (const ancestor of drawAncestors(method, normalise(logWeights), random)) {
    const { generation, twist, ended } = particles[ancestor];
    const isFirst = !continued.has(generation);
    continued.add(generation);
    copies.push({
      generation: isFirst || ended !== undefined ? generation : await generations.fork(generation),
      logWeight,
      twist,
      ended,
    });
  }
  for (const { generation } of particles)
    if (!continued.has(generation)) await generations.close(generation);
  return copies;
}
