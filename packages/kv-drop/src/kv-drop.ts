import { type Capability, InvalidOptionsError, type Middleware, parseOptions } from '@pliant/core';
import { z } from 'zod';
import { checkDraft } from './check-draft.js';
import { dropHooks } from './drop-hooks.js';
import type { Policy } from './policy.js';

const name = 'kv-drop';

const schema = z.strictObject({
  policy: z.custom<Policy>(
    (value) => typeof (value as Policy | undefined)?.score === 'function',
    'must be a policy, such as snapKV()',
  ),
  budget: z.int().min(1),
});

export interface KvDropOptions<PolicyNeeds extends Capability = never> {
  /** Which rows stay: `specKV()`, `snapKV()` and so on, or your own. */
  readonly policy: Policy<PolicyNeeds>;
  /**
   * Rows kept of the prompt per layer and KV head (`pyramidKV`: on average over the layers), everything counted (sinks and windows too). At
   * least the policy's minimum.
   */
  readonly budget: number;
}

/**
 * Drops rows of the KV cache once the prompt was read: `budget` rows stay in every layer and KV head, chosen by `policy`, at their
 * original positions. A prompt of at most `budget` + 1 tokens is left alone, and costs no scores and no look-ahead.
 *
 * As in SpecKV, the last prompt token is not among the kept rows: it is fed again at its own position, and the first token is drawn
 * from that forward, which sees what all later ones see. Its row, like those of generated tokens, comes on top of the budget;
 * nothing is dropped while decoding. A later turn (`generation.append`) is cut to the budget again, with what is left of the
 * turns before. Layers with a sliding window keep all their rows, and a warning says so.
 *
 * Metrics, the last prompt's: `rowsKept` and `rowsDropped` per KV head, mean over the layers (the token fed again is in neither);
 * `selectMs`, choosing the rows; the time of the scores is part of `prefillMs`. With a look-ahead also `lookaheadTokens` and `lookaheadMs`.
 *
 * @throws InvalidOptionsError for a wrong option, or a budget below the policy's minimum; at `.use()`, StackError for a draft with
 * another vocabulary
 */
export function kvDrop<PolicyNeeds extends Capability = never>(
  options: KvDropOptions<PolicyNeeds>,
): Middleware<typeof name, 'kv.edit' | 'positions.explicit' | PolicyNeeds> {
  const { budget } = parseOptions(name, schema, options);
  const { policy } = options;
  if (budget < policy.minimumBudget)
    throw new InvalidOptionsError(name, [
      {
        path: 'budget',
        message: `is ${budget}, but ${policy.name} as configured needs at least ${policy.minimumBudget}`,
      },
    ]);
  return {
    specificationVersion: 'v1',
    name,
    requires: ['kv.edit', 'positions.explicit', ...policy.requires],
    check: (decoder, tokenizer) => {
      const draft = policy.lookahead?.draft;
      if (draft) checkDraft(name, draft, decoder, tokenizer);
    },
    create: (run) => dropHooks(name, run, policy, budget),
  };
}
