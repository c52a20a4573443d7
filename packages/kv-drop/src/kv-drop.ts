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
  /** Which rows stay: `specKV()`, `snapKV()` and so on, or your own. */
  readonly policy: Policy<PolicyNeeds>;
  /**
   * Rows kept per layer and KV head (`pyramidKV`: on average over the layers), everything counted (sinks, windows, protected rows). In rows;
   * as `{ ratio }`, above 0 to 1, of the tokens read when the prompt ends; or as `{ bytes }` of keys and values. At least the policy's
   * minimum, to which a ratio of a short prompt is raised, with a warning.
   */
  readonly budget: Budget;
  /**
   * Drops while decoding too: once a layer holds `every` rows more than were kept, it is cut to the budget again. 1 or more. With attention the
   * last rows of an interval are asked. Default: nothing is dropped while decoding.
   */
  readonly every?: number;
  /** Cuts the cache to the budget after each chunk of the prefill, so that it never holds more than the budget and a chunk. Default false. */
  readonly betweenChunks?: boolean;
  /**
   * `'renumber'`: kept rows move together, keys rotated to match, so that a long text never leaves the model's context: with `betweenChunks`
   * a prompt may be longer than it, with `every` the answer too. Default `'original'`.
   */
  readonly positions?: Numbering;
}

type Positions = 'original' | 'renumber';

/**
 * Drops rows of the KV cache: `budget` rows stay in every layer and KV head, chosen by `policy`. A prompt of at most `budget` + 1 tokens is left
 * alone, and costs no scores and no look-ahead.
 *
 * At the end of the prompt, as in SpecKV, the last prompt token is not among the kept rows: it is fed again at its own position, and the
 * first token is drawn from that forward, which sees what all later ones see. Its row, like those of generated tokens, comes on top
 * of the budget; with `every` they are dropped with the others. A later turn (`generation.append`) is cut to the budget again, with
 * what is left of the turns before. Layers with a sliding window keep all their rows, and a warning says so.
 *
 * Rows held per layer: while reading the prompt's, or with `betweenChunks` at most `budget` + a chunk; after it `budget` + 1 and those generated, or
 * with `every` at most `budget` + `every`. The buffers are as large as that, and no larger.
 *
 * Metrics, the last prompt's: `rowsKept` and `rowsDropped` per KV head, mean over the layers (the token fed again is in neither);
 * `selectMs`, choosing the rows; the time of the scores is part of `prefillMs`. With a look-ahead also `lookaheadTokens` and `lookaheadMs`;
 * with `every` `decodeCuts`, how often the cache was cut while decoding.
 *
 * @throws InvalidOptionsError for a wrong option, or a budget below the policy's minimum; at `.use()`, StackError for a draft with
 * another vocabulary; before a prompt is read, PromptError where protected rows do not fit into the budget
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
        message: `'${policy.name}' asks for the mean of every chunk, whose lengths differ: ask for the sum and divide it`,
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
