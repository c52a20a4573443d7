import { type EncodedPrompt, PromptError, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Policy } from '../scoring/policy.js';

/** Original positions of rows that stay whatever their scores, over all turns of a chat. */
export interface ProtectedRows {
  readonly always: ReadonlySet<number>;
  /** Rows that stay if there is room, ascending. */
  readonly newest: readonly number[];
}

const positionsSchema = z.array(z.int().min(0)).readonly().default([]);

export const noRows: ProtectedRows = { always: new Set(), newest: [] };

/** A turn whose rows are protected too. */
export interface ProtectedTurn {
  readonly prompt: EncodedPrompt;
  /** Position of its first token. */
  readonly position: number;
  /** Rows that may stay. */
  readonly budget: number;
  /** The model's context: no cache holds more rows. */
  readonly maxPositions: number;
}

/**
 * Adds the protected rows of a turn. Rows that stay only if there is room get at most half of the
 * budget that the others leave, the newest first. The other half is for the rest of the chat. They
 * never take rows that the policy needs.
 */
export function protectTurn(
  before: ProtectedRows,
  policy: Policy,
  { prompt, position, budget, maxPositions }: ProtectedTurn,
): ProtectedRows & { readonly yielded: number } {
  const most = Math.min(budget, maxPositions);
  const listed = parsePositions('protect', policy, policy.protect?.(prompt, position, most));
  const always = new Set([...before.always, ...listed]);
  const left = budget - always.size;
  const room = Math.max(0, Math.min(Math.floor(left / 2), left - policy.minimumBudget));
  const asked = parsePositions('protectNewest', policy, policy.protectNewest?.(prompt, position));
  const yielding = [...before.newest, ...asked].filter((row) => !always.has(row));
  const from = Math.max(0, yielding.length - room);
  const yielded = yielding.slice(0, from).filter((row) => row >= position).length;
  return { always, newest: yielding.slice(from), yielded };
}

/** Checks what a policy returned. */
function parsePositions(from: string, { name }: Policy, positions: unknown): readonly number[] {
  return parseOptions(`what ${from} of policy ${name} returned`, positionsSchema, positions);
}

/** @throws PromptError if the rows that always stay leave the policy less than it needs */
export function requireRoom(
  name: string,
  { always }: ProtectedRows,
  { name: policy, minimumBudget }: Policy,
  { position, budget }: Pick<ProtectedTurn, 'position' | 'budget'>,
): void {
  if (always.size + minimumBudget <= budget) return;
  const earlier = [...always].filter((row) => row < position).length;
  const ofEarlier = position > 0 ? `, ${earlier} of them from before this turn,` : '';
  throw new PromptError(
    `${name}: ${always.size} rows always stay${ofEarlier} and ${policy} needs ${minimumBudget} more, which is above the budget of ${budget}; give a larger budget, or protect less`,
  );
}
