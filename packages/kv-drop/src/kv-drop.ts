import {
  type Capability,
  checkDraftVocabulary,
  InvalidOptionsError,
  type Middleware,
  parseOptions,
} from '@pliant/core';
import { z } from 'zod/v4';
import { type Budget, budgetSchema, checkBudget } from './cut/budget.js';
import { dropRows } from './drop-rows.js';
import type { Policy } from './scoring/policy.js';
import { policySchema } from './scoring/policy-schema.js';

const name = 'kv-drop';

const wayOut = 'Give a draft with the same tokenizer, or none: then the decoder drafts for itself';

const renumbering = 'positions.renumber' satisfies Capability;

export const kvDropOptions = z.strictObject({
  policy: policySchema,
  budget: budgetSchema,
  every: z.int().min(1).optional(),
  betweenChunks: z.boolean().default(false),
  positions: z.enum(['original', 'renumber']).default('original'),
});

export interface KvDropOptions<
  PolicyNeeds extends Capability = never,
  Numbering extends Positions = Positions,
> {
  /** Decides which rows stay: `specKV()`, `snapKV()` and so on, or your own. */
  readonly policy: Policy<PolicyNeeds>;
  /**
   * Rows kept per layer and KV head (`pyramidKV`: on average over the layers), including sinks,
   * windows and protected rows. A number of rows; or `{ ratio }`, above 0 to 1, of the tokens read
   * when the prompt ends; or `{ bytes }` of keys and values. At least the policy's minimum. A ratio
   * that gives less for a short prompt is raised to it, with a warning.
   */
  readonly budget: Budget;
  /**
   * Drops rows while decoding too: once a layer holds `every` rows more than were kept, it is cut
   * to the budget again. 1 or more. Policies that need attention take it from the last tokens of
   * the interval. Default: nothing is dropped while decoding.
   */
  readonly every?: number;
  /**
   * Cuts the cache to the budget after each chunk of the prefill, so it never holds more than the
   * budget and a chunk. Default false.
   */
  readonly betweenChunks?: boolean;
  /**
   * `'renumber'`: kept rows move together, with their keys rotated to match, so a long text never
   * leaves the model's context. With `betweenChunks` a prompt may be longer than the context, and
   * with `every` the answer too. Default `'original'`.
   */
  readonly positions?: Numbering;
}

type Positions = 'original' | 'renumber';

/**
 * Drops rows of the KV cache: `budget` rows stay in every layer and KV head, chosen by `policy`. A
 * prompt of at most `budget` + 1 tokens stays whole, and costs no scores and no look-ahead.
 *
 * As in SpecKV, the last prompt token is not among the kept rows. It is fed again at its own
 * position, and the first token is drawn from that forward, which sees the same rows as all later
 * ones. Its row and those of generated tokens come on top of the budget. With `every` they are
 * dropped like the others. A later turn (`generation.append`) is cut to the budget again, together
 * with what is left of earlier turns. Layers with a sliding window keep all their rows, and a
 * warning says so.
 *
 * Rows held per layer: while the prompt is read, all of the prompt's, or with `betweenChunks` at
 * most `budget` and a chunk. After it, `budget` + 1 and the generated ones, or with `every` at most
 * `budget` + `every`. Buffers are no larger than that.
 *
 * Metrics, of the last prompt: `rowsKept` and `rowsDropped` per KV head, mean over the layers (the
 * token fed again is in neither); `selectMs`, the time of choosing rows. The time of the scores is
 * part of `prefillMs`. With a look-ahead also `lookaheadTokens` and `lookaheadMs`; with `every`
 * `decodeCuts`, the number of cuts while decoding.
 *
 * @throws InvalidOptionsError for a wrong option, or a budget below the policy's minimum; at
 * `.use()`, StackError for a draft with another vocabulary; before a prompt is read, PromptError if
 * protected rows do not fit into the budget
 */
export function kvDrop<
  PolicyNeeds extends Capability = never,
  Numbering extends Positions = 'original',
>(
  options: KvDropOptions<PolicyNeeds, Numbering>,
): Middleware<
  typeof name,
  | 'kv.edit'
  | 'positions.explicit'
  | PolicyNeeds
  | (Numbering extends 'renumber' ? 'positions.renumber' : never)
> {
  const settings = parseOptions(name, kvDropOptions, options);
  const { budget, positions } = settings;
  const { policy } = options;
  checkBudget(name, budget, policy.name, policy.minimumBudget);
  const asked = policy.scores?.(1);
  if (asked?.chunks === 'every' && asked.reduceRows === 'mean')
    throw new InvalidOptionsError(name, [
      {
        path: 'policy',
        message: `'${policy.name}' asks for the mean of every chunk, but chunks differ in length; ask for the sum and divide it`,
      },
    ]);
  const renumber = positions === 'renumber';
  return {
    specificationVersion: 'v1',
    name,
    requires: [
      'kv.edit',
      'positions.explicit',
      ...policy.requires,
      ...(renumber ? [renumbering as never] : []),
    ],
    check: (decoder, tokenizer) => {
      checkBudget(name, budget, policy.name, policy.minimumBudget, decoder.shape);
      policy.check?.(decoder);
      const draft = policy.lookahead?.draft;
      if (draft) checkDraftVocabulary(name, draft, decoder, tokenizer, wayOut);
    },
    create: (run) => dropRows(run, { ...settings, name, policy, renumber }),
  };
}
