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
  /** First tokens of the sequence: attention sinks. 0 or more; default 4. */
  readonly first?: number;
  /** Messages with one of these roles, their content. Default `['system']`. */
  readonly roles?: readonly string[];
  /** Messages marked `keep: 'always'`, their content. Default true. */
  readonly marked?: boolean;
  /**
   * What the chat template puts around messages: headers and ends of turns. Those of the newest messages, in at most half of what the others leave of
   * the budget, so that a chat of any length fits. Default true.
   */
  readonly template?: boolean;
}

/**
 * Rows that always stay, in every layer and KV head, whatever `policy` thinks of them: the first ones, messages of given roles, and marked
 * messages; and the template's tokens around the newest messages. They count in the budget, and `policy` ranks the rest with what is left of it. Where
 * the rows that always stay leave less than its minimum, the generation fails before anything is read.
 *
 * In a later turn its messages and template come on top of those that stayed before; the template of the oldest goes first. A prompt given as ids has
 * neither, and one given as text is one message with the role `'text'`.
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
        // One more than fits: it is refused then, however many were asked for.
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

/** Indices into the prompt of the messages that stay. */
function tokensWithin(
  { spans }: EncodedPrompt,
  { roles, marked }: z.output<typeof protectRowsOptions>,
): number[] {
  return spans
    .filter(({ role, keep }) => roles.includes(role) || (marked && keep === 'always'))
    .flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at));
}

/** Indices into the prompt of what stands outside of every message. */
function tokensAround({ ids, spans }: EncodedPrompt): number[] {
  if (spans.length === 0) return [];
  const isOutside = new Array<boolean>(ids.length).fill(true);
  for (const { from, to } of spans) isOutside.fill(false, from, to);
  return [...isOutside.keys()].filter((token) => isOutside[token]);
}
