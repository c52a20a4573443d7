import { type Capability, type EncodedPrompt, parseArguments, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Policy } from '../scoring/policy.js';
import { wrappedSchema } from '../scoring/policy-schema.js';

export const protectRowsOptions = z.strictObject({
  first: z.int().min(0).default(4),
  roles: z.array(z.string()).readonly().default(['system']),
  marked: z.boolean().default(true),
  template: z.boolean().default(true),
});

export interface ProtectRowsOptions {
  /** First tokens of the sequence, as attention sinks. 0 or more; default 4. */
  readonly first?: number;
  /** The content of messages with one of these roles. Default `['system']`. */
  readonly roles?: readonly string[];
  /** The content of messages marked `keep: 'always'`. Default true. */
  readonly marked?: boolean;
  /**
   * The chat template's tokens around messages: headers and ends of turns. They get at most half of
   * the budget that the other protected rows leave, the newest first, so a chat of any length fits.
   * Default true.
   */
  readonly template?: boolean;
}

/**
 * Protects rows in every layer and KV head, whatever their scores by `policy`: the first rows,
 * messages of given roles, marked messages, and the template's tokens around the newest messages.
 * Protected rows count in the budget, and `policy` ranks the others within the rest. If the rows
 * that always stay leave less than its minimum, the generation fails before anything is read.
 *
 * A later turn adds its messages and template to those protected before. The template of the oldest
 * messages is given up first. A prompt given as ids has neither, and one given as text is one
 * message with the role `'text'`.
 *
 * @throws InvalidArgumentError, InvalidOptionsError
 */
export function protectRows<Needs extends Capability>(
  policy: Policy<Needs>,
  options: ProtectRowsOptions = {},
): Policy<Needs> {
  const parsed = parseOptions('protectRows', protectRowsOptions, options);
  parseArguments('protectRows', wrappedSchema, { policy });
  return {
    ...policy,
    name: `protectRows(${policy.name})`,
    protect: (prompt, position, budget) => [
      ...new Set([
        // One more than fits is enough to be refused.
        ...Array(Math.min(parsed.first, budget + 1)).keys(),
        ...tokensWithin(prompt, parsed).map((token) => position + token),
        ...(policy.protect?.(prompt, position, budget) ?? []),
      ]),
    ],
    protectNewest(prompt, position) {
      const inner = policy.protectNewest?.(prompt, position) ?? [];
      const own = parsed.template ? tokensAround(prompt).map((token) => position + token) : [];
      return [...new Set([...inner, ...own])].sort((a, b) => a - b);
    },
  };
}

/** Finds the tokens of the messages that stay, as indices into the prompt. */
function tokensWithin(
  { spans }: EncodedPrompt,
  { roles, marked }: z.output<typeof protectRowsOptions>,
): number[] {
  return spans
    .filter(({ role, keep }) => roles.includes(role) || (marked && keep === 'always'))
    .flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at));
}

/** Finds the tokens outside every message, as indices into the prompt. */
function tokensAround({ ids, spans }: EncodedPrompt): number[] {
  if (spans.length === 0) return [];
  const isOutside = new Array<boolean>(ids.length).fill(true);
  for (const { from, to } of spans) isOutside.fill(false, from, to);
  return [...isOutside.keys()].filter((token) => isOutside[token]);
}
