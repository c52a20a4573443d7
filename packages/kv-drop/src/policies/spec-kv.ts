import { type Decoder, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Policy } from '../scoring/policy.js';
import { averagePool, maxPool } from '../scoring/pool.js';
import { poolBeforeWindow } from '../scoring/pool-before-window.js';
import { headScores, scoreHeads } from '../scoring/score-heads.js';

export const specKVOptions = z
  .strictObject({
    draft: z
      .custom<Decoder>(
        (value) => typeof (value as Decoder | undefined)?.open === 'function',
        'must be a decoder',
      )
      .optional(),
    lookahead: z.int().min(0).optional(),
    lookaheadBudget: z.int().min(1).optional(),
    writtenAhead: z.boolean().default(false),
    window: z.int().min(1).default(32),
    kernel: z
      .int()
      .min(1)
      .refine((kernel) => kernel % 2 === 1, 'must be odd')
      .default(7),
    pool: z.enum(['max', 'mean']).default('max'),
    reduction: z.enum(['max', 'mean']).default('max'),
  })
  .refine(({ draft, writtenAhead }) => !draft || !writtenAhead, {
    path: ['writtenAhead'],
    message: 'takes what another middleware wrote: leave it out, or the draft',
  })
  .refine(({ draft, lookaheadBudget }) => !draft || lookaheadBudget === undefined, {
    path: ['lookaheadBudget'],
    message: 'is for a decoder that writes its own look-ahead: leave it out, or the draft',
  })
  .refine(({ window, lookaheadBudget }) => (lookaheadBudget ?? window + 1) > window, {
    path: ['lookaheadBudget'],
    message: 'must be above the window',
  });

export interface SpecKVOptions {
  /**
   * Writes the look-ahead: a smaller model with the same vocabulary. Default: the decoder itself,
   * which then reads the prompt only once.
   */
  readonly draft?: Decoder;
  /**
   * Longest look-ahead, in tokens. It ends after an end token, or with the context. 0 or more; 0 is
   * SnapKV with the maximum and one more row. Default: the smaller of 16 and the tokens that the
   * run may generate; all of what an earlier middleware wrote. The paper writes as many as the run
   * may generate, which costs as much as the answer. A few already help.
   */
  readonly lookahead?: number;
  /**
   * Rows of a copy of the cache, reduced by the prompt's own scores, on which the decoder writes
   * the look-ahead. The decoder then reads it in one forward (Lookahead Q-Cache, Wang et al. 2025,
   * arXiv:2505.20334). For a long prompt, steps are cheaper and the text is a little worse. Above
   * `window`; not with a draft. Default: the whole cache.
   */
  readonly lookaheadBudget?: number;
  /**
   * Takes the look-ahead that an earlier middleware wrote with the whole prompt in view, such as
   * `promptCompress` with a `lookahead` above 1. This is the cascade of SpecPC and SpecKV (section
   * 3 of the authors' code). If it wrote none, the decoder writes. Not with a draft. Default false.
   */
  readonly writtenAhead?: boolean;
  /**
   * Number of prompt tokens before the last one whose attention counts and whose rows always stay.
   * 1 or more, below the budget; default 32.
   */
  readonly window?: number;
  /**
   * Number of neighbouring scores to pool, so that a token is kept with its surroundings. Odd; 1
   * turns it off; default 7.
   */
  readonly kernel?: number;
  /** How neighbouring scores are pooled. Default `'max'`. */
  readonly pool?: 'max' | 'mean';
  /**
   * How attention is reduced, over rows and the query heads of a KV head at once. Default `'max'`.
   */
  readonly reduction?: 'max' | 'mean';
}

/**
 * SpecKV ("Draft-based Approximate Inference for LLMs", arXiv:2506.08373, section 4): a draft
 * greedily writes L tokens after the prompt. A row's score is the attention that it gets from the
 * last `window` + 1 prompt tokens and from those L tokens: the maximum over all rows and the query
 * heads of its KV head, then pooled over `kernel` neighbours. The best rows stay, per layer and KV
 * head; ties go to the earlier row. The `window` rows before the last prompt token stay whole. That
 * token is fed again by `kvDrop`, and the look-ahead's rows are dropped. The budget must be above
 * `window`.
 *
 * Costs the look-ahead, before the first token. With a draft these are its reading of the prompt, L
 * of its steps, and L more rows of the prefill. Without one they are L steps of the decoder. In
 * both cases `window` + 1 + L rows of attention per layer are added. A prompt that fits into the
 * budget costs none of this.
 *
 * Differs from the authors' code: kernel 7 and window 32 as in their experiments (the code's own
 * defaults, 64 and 64, are refused by it); the prefill is always dense; kept rows are in the order
 * of their positions; ties are decided; the draft is always greedy. In a later turn a draft has not
 * read the earlier turns, so it is left out, with a warning. The decoder drafting for itself has
 * read them.
 *
 * @throws InvalidOptionsError; at `.use()`, StackError for a draft with another vocabulary
 */
export function specKV(
  options: SpecKVOptions & { readonly lookaheadBudget: number },
): Policy<'scores' | 'fork'>;
export function specKV(options?: SpecKVOptions): Policy<'scores'>;
export function specKV(options: SpecKVOptions = {}): Policy<'scores' | 'fork'> {
  const { draft, lookahead, lookaheadBudget, writtenAhead, ...rest } = parseOptions(
    'specKV',
    specKVOptions,
    options,
  );
  const { window, kernel, pool, reduction } = rest;
  const pooled = pool === 'max' ? maxPool : averagePool;
  return {
    name: 'specKV',
    requires: lookaheadBudget === undefined ? ['scores'] : ['scores', 'fork'],
    minimumBudget: window + 1,
    lookahead: { draft, tokens: lookahead, budget: lookaheadBudget, written: writtenAhead },
    scores: (newRows) => ({
      rows: Math.min(window + 1, newRows),
      reduceRows: reduction,
      reduceHeads: reduction,
    }),
    score: (layer) =>
      scoreHeads(layer, (kvHead) =>
        poolBeforeWindow(headScores(layer, kvHead), layer.candidates, window + 1, kernel, pooled),
      ),
  };
}
