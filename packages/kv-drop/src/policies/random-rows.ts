import type { Policy } from '../scoring/policy.js';
import { scoreHeads } from '../scoring/score-heads.js';

/**
 * Keeps rows drawn at random, per layer and KV head: the control that every other policy has to
 * beat. Reproducible from the run's seed. As in kvpress, nothing is protected.
 */
export function randomRows(): Policy<never> {
  return {
    name: 'random',
    requires: [],
    minimumBudget: 1,
    score: (layer) =>
      scoreHeads(layer, () =>
        Float32Array.from({ length: layer.candidates }, () => layer.random()),
      ),
  };
}
