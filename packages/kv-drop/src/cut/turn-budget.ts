import type { Run } from '@pliant/core';
import { rowsOf } from './budget.js';
import type { DropSettings } from './drop-settings.js';
import { type ProtectedRows, protectTurn, requireRoom } from './protected-rows.js';

/** Budget and protected rows of a turn. */
export interface TurnBudget {
  /** Budget in rows. */
  readonly budget: number;
  /** Protected rows of this turn and of earlier ones. */
  readonly protectedRows: ProtectedRows;
}

/**
 * Works out the budget and the protected rows of a turn, once its prompt is known.
 * @param before protected rows of earlier turns
 * @throws PromptError if the rows that always stay do not fit into the budget
 */
export function turnBudget(run: Run, settings: DropSettings, before: ProtectedRows): TurnBudget {
  const { name, policy, every } = settings;
  const { position, compressed } = run.prompt;
  const { minimumBudget } = policy;
  const rows = rowsOf(settings.budget, position + compressed.ids.length, run.decoder.shape);
  const budget = Math.max(rows, minimumBudget);
  if (rows < minimumBudget)
    run.warn({
      type: 'degraded',
      feature: 'budget',
      details: `${rows} rows are raised to ${minimumBudget}, the fewest that ${policy.name} as configured works with`,
    });
  const turn = {
    prompt: compressed,
    position,
    budget,
    maxPositions: run.decoder.shape.maxPositions,
  };
  const { yielded, ...protectedRows } = protectTurn(before, policy, turn);
  if (!fits(run, settings, budget) || every !== undefined) {
    requireRoom(name, protectedRows, policy, turn);
    if (yielded > 0)
      run.warn({
        type: 'degraded',
        feature: 'protected template',
        details: `${yielded} of the rows that ${policy.name} protects if there is room are not protected: they would take more than half of what is left of the budget of ${budget}`,
      });
  }
  return { budget, protectedRows };
}

/** True if the prompt fits the budget. A cache never has more rows than positions. */
export function fits({ prompt }: Run, settings: DropSettings, budget: number): boolean {
  return prompt.position + prompt.compressed.ids.length <= promptBudget(settings, budget) + 1;
}

/**
 * Rows kept of a prompt, without its last token, which is fed again. With `every: 1` it is one row
 * less: that token and the first of the answer would make `every` + 1 rows more than the budget.
 */
export function promptBudget({ every }: DropSettings, budget: number): number {
  return every === 1 ? budget - 1 : budget;
}
