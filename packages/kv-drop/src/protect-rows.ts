import { type Capability, type EncodedPrompt, parseArguments, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Policy } from './policy.js';
import { wrappedSchema } from './policy-schema.js';

const schema = z.strictObject({
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
  /** What the chat template puts around messages: headers and ends of turns. Default true. */
  readonly template?: boolean;
}

/**
 * Rows that always stay, in every layer and KV head, whatever `policy` thinks of them: the first ones, messages of given roles, marked
 * messages, and the template's tokens. They count in the budget, and `policy` ranks the rest with what is left of it. Where
 * they leave less than its minimum, the generation fails before anything is read.
 *
 * In a later turn its messages and template come on top of those that stayed before. A prompt given as ids has neither, and one given as
 * text is one message with the role `'text'`.
 *
 * @throws InvalidArgumentError, InvalidOptionsError
 */
export function protectRows<Needs extends Capability>(
  policy: Policy<Needs>,
  options: ProtectRowsOptions = {},
): Policy<Needs> {
  const parsed = parseOptions('protectRows', schema, options);
  parseArguments('protectRows', wrappedSchema, { policy });
  return {
    ...policy,
    name: `protectRows(${policy.name})`,
    protect: (prompt, position) => [
      ...new Set([
        ...Array.from({ length: parsed.first }, (_, first) => first),
        ...protectedTokens(prompt, parsed).map((token) => position + token),
        ...(policy.protect?.(prompt, position) ?? []),
      ]),
    ],
  };
}

/** Indices into the prompt. */
function protectedTokens(
  { ids, spans }: EncodedPrompt,
  { roles, marked, template }: z.output<typeof schema>,
): number[] {
  const outside = template && spans.length > 0;
  const stays = new Array<boolean>(ids.length).fill(outside);
  for (const { from, to, role, keep } of spans)
    stays.fill(roles.includes(role) || (marked && keep === 'always'), from, to);
  return [...stays.keys()].filter((token) => stays[token]);
}
