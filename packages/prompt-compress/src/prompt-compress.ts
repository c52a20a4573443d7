import {
  type Decoder,
  type EncodedPrompt,
  InvalidOptionsError,
  type Middleware,
  PromptError,
  parseOptions,
  type Run,
} from '@pliant/core';
import { z } from 'zod';
import { checkDraft } from './check-draft.js';
import { draftScores } from './draft-scores.js';
import { keepTokens } from './keep-tokens.js';
import { countKept, requiredTokens, selectTokens } from './select-tokens.js';

const name = 'prompt-compress';

const schema = z
  .strictObject({
    draft: z.custom<Decoder>(
      (value) => typeof (value as Decoder | undefined)?.open === 'function',
      'must be a decoder, such as decoder.draft({ layers: 10 })',
    ),
    keep: z.int().min(1),
    window: z.int().min(1).default(64),
    kernel: z.int().min(1).default(32),
    neighbours: z.int().min(0).optional(),
    startLayer: z.int().min(0).optional(),
    pool: z.enum(['max', 'mean']).default('max'),
    reduction: z.enum(['max', 'sum']).default('max'),
    weightedQuery: z.boolean().default(true),
    lookahead: z.int().min(1).default(1),
  })
  .refine(({ keep, window }) => keep >= window, {
    path: ['keep'],
    error: 'must be at least the window, which is always kept (64 tokens unless given)',
  });

export interface PromptCompressOptions {
  /** Reads the whole prompt; needs `scores` and the target's vocabulary. Cheap: the target's first layers, or a smaller model. */
  readonly draft: Decoder;
  /** Tokens kept, the window and spans that always stay counted. At least `window`. */
  readonly keep: number;
  /** Last prompt tokens: always kept, and their attention is the score. 1 or more; default 64. */
  readonly window?: number;
  /** Width of the pooling of scores over neighbouring tokens, odd or even; 1 is none. Default 32. */
  readonly kernel?: number;
  /** Tokens kept around each of the best, itself counted; 0 or 1 is the token alone. Default `kernel`. */
  readonly neighbours?: number;
  /** First layer of the draft whose attention counts, from 0. Default 8, or half of a draft with fewer than 16 layers. */
  readonly startLayer?: number;
  /** Default `'max'`. */
  readonly pool?: 'max' | 'mean';
  /** Over rows, heads, layers and drafted tokens. `'sum'` is what the paper's code does for "mean". Default `'max'`. */
  readonly reduction?: 'max' | 'sum';
  /** Whether row t of the window counts t / (window - 1) times: the last row fully, the first not at all. Default true. */
  readonly weightedQuery?: boolean;
  /**
   * Tokens N that the draft writes, greedily, up to an end of text. All but the last are fed back and add their attention: 1 (default)
   * adds none and writes nothing. From a draft that is the target's first layers, more is noise.
   */
  readonly lookahead?: number;
}

/**
 * Shortens the prompt to the `keep` tokens that a cheap draft attends to: SpecPC ("Draft-based Approximate Inference for LLMs",
 * arXiv:2506.08373). The target reads them as a new prompt, at positions 0 to `keep` - 1. A prompt of at most `keep` tokens is left alone, and the
 * draft does not read it.
 *
 * Differs from the paper: tokens of spans marked `keep: 'always'` stay and count in `keep`; ties are decided (the earlier token
 * first); the draft writes greedily.
 *
 * Metrics: `tokensKept`, `tokensDropped`, `draftMs` (the draft's reading and writing, 0 where it did not run).
 *
 * @throws InvalidOptionsError for a wrong option, and before any work for a prompt whose required tokens exceed `keep`; PromptError
 * for one longer than the draft's context; at `.use()` MissingCapabilityError for a draft without `scores`, StackError for one with
 * another vocabulary
 */
export function promptCompress(options: PromptCompressOptions): Middleware<typeof name> {
  const { draft, ...parsed } = parseOptions(name, schema, options);
  const { keep, window, neighbours = parsed.kernel } = parsed;
  const { startLayer = Math.min(8, Math.floor(draft.shape.layers / 2)) } = parsed;
  const layers = Array.from(
    { length: draft.shape.layers - startLayer },
    (_, layer) => layer + startLayer,
  );

  async function score(run: Run, ids: Int32Array): Promise<Float64Array> {
    const sequence = await run.open(draft, ['scores']);
    try {
      const { endOfText } = run.tokenizer;
      return await draftScores(sequence, ids, { ...parsed, layers, endOfText }, run.signal);
    } finally {
      // At once, not at the end of the run: the draft's cache is not needed any more.
      sequence.close();
    }
  }

  async function compress(run: Run, prompt: EncodedPrompt): Promise<EncodedPrompt> {
    const length = prompt.ids.length;
    if (length <= keep) {
      run.emit('tokensKept', length);
      run.emit('tokensDropped', 0);
      run.emit('draftMs', 0);
      return prompt;
    }
    const required = requiredTokens(length, window, prompt.spans);
    checkPrompt(length, countKept(required));
    const started = performance.now();
    const scores = await score(run, prompt.ids);
    run.emit('draftMs', performance.now() - started);
    const kept = selectTokens(scores, { ...parsed, neighbours }, required);
    run.emit('tokensKept', keep);
    run.emit('tokensDropped', length - keep);
    return keepTokens(prompt, kept);
  }

  function checkPrompt(length: number, requiredCount: number): void {
    const { maxPositions } = draft.shape;
    if (length + parsed.lookahead - 1 > maxPositions)
      throw new PromptError(
        `prompt has ${length} tokens, but draft '${draft.id}' reads at most ${maxPositions}, its look-ahead included`,
      );
    if (requiredCount > keep)
      throw new InvalidOptionsError(name, [
        {
          path: 'keep',
          message: `is ${keep}, but ${requiredCount} tokens must stay: the last ${window} and the messages marked keep: 'always'`,
        },
      ]);
  }

  return {
    specificationVersion: 'v1',
    name,
    requires: [],
    check: (decoder, tokenizer) => checkDraft(name, draft, parsed.startLayer, decoder, tokenizer),
    create: (run) => ({
      prompt: async (prompt, next) => next(await compress(run, prompt)),
    }),
  };
}
