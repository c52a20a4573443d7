import type { Warning } from '@pliant/core';
import { effectiveSampleSize, logSumExp, normalise } from './log-weights.js';
import type { Particle } from './particles.js';
import { byText, byTokens } from './posterior.js';
import type { SmcParticle, SmcResult } from './smc-result.js';

/** Summarises particles that have ended. */
export function summariseParticles<Value>(
  ended: readonly Particle<Value>[],
): Omit<SmcResult<Value>, 'metrics'> {
  const logWeights = ended.map(({ logWeight }) => logWeight);
  const probabilities = normalise(logWeights);
  const particles = ended.map(
    ({ generation, logWeight, ended: finishReason = 'aborted' }, index): SmcParticle<Value> => {
      const { text, tokens, value } = generation.result();
      return {
        text,
        tokens,
        ...(value !== undefined && { value }),
        finishReason,
        logWeight,
        probability: probabilities[index],
      };
    },
  );
  const tokenPosterior = byTokens(particles);
  const posterior = byText(tokenPosterior);
  return {
    best: posterior[0],
    posterior,
    tokenPosterior,
    logMarginal: logSumExp(logWeights) - Math.log(ended.length),
    ess: effectiveSampleSize(probabilities),
    particles,
    warnings: [...warningsOf(ended), ...lossesOf(particles)],
  };
}

/** The warnings of all generations, each once. */
function warningsOf(particles: readonly Particle[]): Warning[] {
  const all = particles.flatMap(({ generation }) => generation.result().warnings);
  return [...new Map(all.map((warning) => [JSON.stringify(warning), warning])).values()];
}

function lossesOf(particles: readonly SmcParticle[]): Warning[] {
  const warning = (details: string): Warning => ({
    type: 'other',
    feature: 'particles',
    middleware: 'smc',
    details,
  });
  const cut = particles.filter(({ finishReason }) => finishReason === 'length').length;
  const isDead = particles.every(({ probability }) => probability === 0);
  return [
    ...(cut > 0
      ? [
          warning(
            `${cut} of ${particles.length} particles were cut by maxNewTokens and count for nothing; raise it if longer texts are wanted`,
          ),
        ]
      : []),
    ...(isDead
      ? [
          warning(
            `all ${particles.length} particles are dead: ${tally(particles)}; use more particles, more tokens, or a constraint that sees dead ends sooner`,
          ),
        ]
      : []),
  ];
}

/** `5 dead-end, 3 length` */
function tally(particles: readonly SmcParticle[]): string {
  const counts = new Map<string, number>();
  for (const { finishReason } of particles)
    counts.set(finishReason, (counts.get(finishReason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ');
}
