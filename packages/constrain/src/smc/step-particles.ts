import { type Step, stepAll } from '@pliant/core';
import { type Critic, judge } from './critic.js';
import type { Generations, Particle } from './particles.js';

/**
 * One step of every particle that has not ended, as one batch, and what it does to their weights.
 * @param guided whether the critic guides unfinished particles
 * @returns the tokens chosen
 */
export async function stepParticles<Value>(
  particles: readonly Particle<Value>[],
  generations: Generations<Value>,
  critic: Critic | undefined,
  guided: boolean,
): Promise<number> {
  const active = particles.filter(({ ended }) => ended === undefined);
  const steps = await stepAll(active.map(({ generation }) => generation));
  await Promise.all(
    active.map(async (particle, index) => {
      weigh(particle, steps[index]);
      if (critic) await criticise(particle, critic, guided);
    }),
  );
  for (const { ended, generation } of active)
    if (ended !== undefined) await generations.close(generation);
  return steps.reduce((sum, { tokens }) => sum + tokens.length, 0);
}

/** Texts that do not end by themselves count for nothing. */
function weigh(particle: Particle, { logWeight, finishReason }: Step): void {
  const isDead = logWeight === Number.NEGATIVE_INFINITY;
  const isCut = finishReason !== undefined && finishReason !== 'stop';
  particle.ended = isDead ? 'dead-end' : finishReason;
  particle.logWeight =
    isDead || isCut ? Number.NEGATIVE_INFINITY : particle.logWeight - particle.twist + logWeight;
  particle.twist = 0;
}

async function criticise(particle: Particle, critic: Critic, guided: boolean): Promise<void> {
  const { text, tokens } = particle.generation;
  const judged = { text, tokens };
  if (particle.ended === 'stop') {
    particle.logWeight += await judge(critic, 'complete', judged);
  } else if (particle.ended === undefined && guided && critic.prefix) {
    const guess = await judge(critic, 'prefix', judged);
    particle.logWeight += guess;
    if (guess > Number.NEGATIVE_INFINITY) particle.twist = guess;
    else particle.ended = 'dead-end';
  }
}
