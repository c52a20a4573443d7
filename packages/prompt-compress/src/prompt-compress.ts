import {
  checkDraftVocabulary,
  type Decoder,
  decoderSchema,
  type EncodedPrompt,
  type Middleware,
  parseOptions,
  type Run,
  type Tokenizer,
  tokenizerSchema,
  type WrittenAhead,
  warnOfEarlyExit,
} from '@pliant/core';
import { z } from 'zod/v4';
import { checkScores, checkTokenizer } from './draft/check-draft.js';
import { checkLength, draftPass } from './draft/draft-pass.js';
import { ask, readAnew, readAsGiven } from './draft/draft-reading.js';
import type { DraftScores } from './draft/draft-scores.js';
import { measuredMinTokens } from './options/measured-defaults.js';
import {
  checkSelection,
  checkWithoutDraft,
  type SelectionOptions,
  selectionShape,
} from './options/selection-options.js';
import { isLeftAlone } from './report/left-alone.js';
import { type CompressionReport, reportOf } from './report/report.js';
import { keepTokens } from './select/keep-tokens.js';
import { planSelection, type SelectionPlan } from './select/plan-selection.js';
import { tokenCharacters } from './tokens/characters.js';

const name = 'prompt-compress';
const wayOut =
  'Give its tokenizer as draftTokenizer, a draft with the same tokenizer, or the decoder itself';

/** Checks the options of `promptCompress`. */
export const promptCompressOptions = z
  .strictObject({
    ...selectionShape,
    draft: decoderSchema.optional(),
    draftTokenizer: tokenizerSchema.optional(),
    keepTemplate: z.boolean().default(true),
    minTokens: z.int().min(0).optional(),
    onCompressed: z
      .custom<(report: CompressionReport) => void>(
        (value) => typeof value === 'function',
        'must be a function',
      )
      .optional(),
  })
  .superRefine(checkSelection)
  .superRefine(checkWithoutDraft);

export interface PromptCompressOptions extends SelectionOptions {
  /**
   * Reads the whole prompt; needs `scores`. A cheap one is the target's first layers, or a smaller
   * model. Without a draft, sentences or lines are chosen by the words that they share with the
   * question alone, and nothing reads the prompt before.
   */
  readonly draft?: Decoder;
  /**
   * The draft's tokenizer, if it is not the target's. The draft then reads its own encoding of the
   * prompt's text, as the target's chat template renders it. Default: the draft reads the target's
   * ids and must have its vocabulary.
   */
  readonly draftTokenizer?: Tokenizer;
  /**
   * Whether the text that the chat template puts around messages stays: role headers and ends of
   * turns. Default true.
   */
  readonly keepTemplate?: boolean;
  /**
   * Prompts of fewer tokens are left alone, since the draft would cost more than it saves. 0 or
   * more. Default: with a draft as measured for the model
   * (`decoder.defaults['prompt-compress'].minTokens`), else 0.
   */
  readonly minTokens?: number;
  /** Called for each prompt before the target reads it, even if nothing was dropped. */
  readonly onCompressed?: (report: CompressionReport) => void;
}

/**
 * Shortens the prompt to at most `keep` tokens: the sentences that share words with the question
 * and that a cheap draft attends to from it. The target reads them as a new prompt, at positions 0
 * to `keep` - 1. A prompt of at most `keep` tokens is left alone, and the draft does not read it.
 * After SpecPC ("Draft-based Approximate Inference for LLMs", arXiv:2506.08373), which is
 * `question: 'last', unit: 'token'`.
 *
 * Differs from the paper: the template's tokens and the system prompt of a chat stay and count in
 * `keep` (`keepTemplate`, `keepRoles`), as do messages marked `keep: 'always'`. Words, numbers and
 * user-perceived characters stay or go as a whole. The question's own tokens score (`question`).
 * Ties are decided (the earlier token first), and the draft writes greedily. Ours are the other
 * units, shared words (`lexicalWeight`), neighbours (`context`), `keep` by evidence, budgets per
 * message and drafts with another tokenizer. `heads` are retrieval heads (Wu et al. 2024,
 * arXiv:2404.15574).
 *
 * The tokens that the draft wrote (all N of `lookahead`, although only the N - 1 that it read again
 * counted in the scores) are provided to the middlewares after this one as `WrittenAhead`.
 *
 * Metrics: `tokensKept`, `tokensDropped`, `draftMs` (the draft's reading and writing; 0 if it did
 * not run), `skipped` (1 if the prompt was left alone, else 0).
 *
 * Warnings tell that a share was raised to what must stay, that a system message or a unit longer
 * than `keep` was cut, or that much of `keep` stays unused.
 *
 * @throws InvalidOptionsError for a wrong option, or a `draftTokenizer` that is not the draft's
 * @throws PromptError before any work: if more must stay than a `keep` in tokens allows, the prompt
 * is longer than the draft's context, it lacks `question.text`, or it is not text and text is
 * needed
 * @throws at `.use()` MissingCapabilityError for a draft without `scores`, StackError for one with
 * another vocabulary and no `draftTokenizer`
 */
export function promptCompress(
  options: PromptCompressOptions,
): Middleware<typeof name, never, unknown, WrittenAhead> {
  const parsed = parseOptions(name, promptCompressOptions, options);
  const { draft, draftTokenizer, reduction, lookahead, onCompressed } = parsed;
  if (draft && draftTokenizer) checkTokenizer(name, 'draftTokenizer', draft, draftTokenizer);

  return {
    specificationVersion: 'v1',
    name,
    requires: [],
    check: (decoder, tokenizer) => {
      if (!draft) return;
      checkScores(name, draft, parsed);
      if (!draftTokenizer) checkDraftVocabulary(name, draft, decoder, tokenizer, wayOut);
      measuredMinTokens(decoder);
    },
    create: (run) => {
      const writtenAhead: { tokens: readonly number[] | undefined } = { tokens: undefined };
      return {
        provide: { writtenAhead },
        prompt: async (prompt, next) => {
          const { kept, written } = await compress(run, prompt);
          if (!draftTokenizer && written.length > 0) writtenAhead.tokens = written;
          return next(kept);
        },
      };
    },
  };

  async function compress(
    run: Run,
    prompt: EncodedPrompt,
  ): Promise<{ kept: EncodedPrompt; written: readonly number[] }> {
    const length = prompt.ids.length;
    const { minTokens = draft ? measuredMinTokens(run.decoder) : 0 } = parsed;
    if (isLeftAlone(length, parsed, minTokens)) return leaveAlone(run, prompt);
    const plan = planSelection(name, prompt, run.tokenizer, {
      ...parsed,
      needsText: onCompressed !== undefined || !draft,
      keepSomeOfEach: false,
    });
    for (const warning of plan.warnings) run.warn(warning);
    if (plan.keep >= length) return leaveAlone(run, prompt);
    const started = performance.now();
    const pass = draft && (await readWith(draft, run, prompt, plan));
    const draftMs = pass ? performance.now() - started : 0;
    const { kept, warnings, reason } = plan.choose(pass?.score ?? new Float64Array(length));
    for (const warning of warnings) run.warn(warning);
    emit(run, { kept: kept.length, dropped: length - kept.length, draftMs, skipped: 0 });
    onCompressed?.(reportOf(prompt, plan.characters, kept, reason));
    return { kept: keepTokens(prompt, kept), written: pass?.written ?? [] };
  }

  async function readWith(
    reader: Decoder,
    run: Run,
    prompt: EncodedPrompt,
    plan: SelectionPlan,
  ): Promise<DraftScores> {
    const asked = ask(prompt, plan.questions, run.tokenizer, parsed);
    const reading = draftTokenizer
      ? readAnew(asked, run.tokenizer, draftTokenizer, reduction)
      : readAsGiven(asked);
    checkLength(reader, reading, lookahead);
    if (lookahead > 1) warnOfEarlyExit(run, reader, 'leave lookahead out');
    const { endOfText } = draftTokenizer ?? run.tokenizer;
    const open = () => run.open(reader, ['scores']);
    const pass = await draftPass(open, reader, reading, { ...parsed, endOfText }, run.signal);
    return { ...pass, score: asked.toPrompt(pass.score) };
  }

  function leaveAlone(run: Run, prompt: EncodedPrompt) {
    const length = prompt.ids.length;
    emit(run, { kept: length, dropped: 0, draftMs: 0, skipped: 1 });
    onCompressed?.(reportOf(prompt, tokenCharacters(prompt), Int32Array.from(prompt.ids.keys())));
    return { kept: prompt, written: [] };
  }
}

function emit(
  run: Run,
  {
    kept,
    dropped,
    draftMs,
    skipped,
  }: { kept: number; dropped: number; draftMs: number; skipped: 0 | 1 },
): void {
  run.emit('tokensKept', kept);
  run.emit('tokensDropped', dropped);
  run.emit('draftMs', draftMs);
  run.emit('skipped', skipped);
}
