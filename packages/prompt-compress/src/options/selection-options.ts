import { z } from 'zod/v4';
import { headsSchema, type RetrievalHead } from './retrieval-heads.js';

/** Options by which `promptCompress` and `compressText` choose. */
export interface SelectionOptions {
  /**
   * Tokens to keep, including all that must stay. A number is at least `window`. `{ ratio }` is a
   * share of the prompt's tokens, above 0, at most 1, rounded down; it is raised to what must stay.
   * `{ evidence }` keeps as many tokens as that share of the evidence needs, above 0, at most 1, as
   * measured on real documents (ours); `'auto'` is 0.95. By evidence is not for unit `'token'`.
   */
  readonly keep: number | { readonly ratio: number } | { readonly evidence: number } | 'auto';
  /**
   * Last prompt tokens. If no question is found they are kept, and their attention is the score. 1
   * or more; default 64.
   */
  readonly window?: number;
  /**
   * Kept or dropped as a whole: `'token'`, as in the paper, `'sentence'` or `'line'`. Default
   * `'sentence'`; `'token'` for ids that are not text, and if one of the options of tokens is
   * given.
   */
  readonly unit?: 'token' | 'sentence' | 'line';
  /**
   * Whether a sentence or a line is worth its best or its mean token. For these units only; default
   * `'max'`.
   */
  readonly unitScore?: 'max' | 'mean';
  /**
   * Weight of the words that a sentence or line shares with the question (BM25 of character
   * 4-grams) against the draft's attention, each relative to the largest in the prompt. 0 or more;
   * 0 is attention alone. For these units only; default 3.
   */
  readonly lexicalWeight?: number;
  /**
   * Tokens over which the worth that a sentence or line lends its neighbours falls to 1/e. Answers
   * often stand next to what resembles the question. 0 or more; 0 lends nothing. For these units
   * only; default 40, or a quarter of a `keep` in tokens if that is more.
   */
  readonly context?: number;
  /**
   * Width of the pooling of scores over neighbouring tokens, odd or even; 1 is none. For unit
   * `'token'` only; default 32.
   */
  readonly kernel?: number;
  /**
   * Tokens kept around each of the best, including itself; 0 or 1 is the token alone. For unit
   * `'token'` only; default `kernel`.
   */
  readonly neighbours?: number;
  /** How neighbouring scores are pooled. For unit `'token'` only; default `'max'`. */
  readonly pool?: 'max' | 'mean';
  /**
   * Query heads of the draft whose attention counts: those that find what a question asks for. Not
   * with `startLayer`. Default: those measured for the draft's model
   * (`draft.defaults['prompt-compress'].heads`), else all from `startLayer` on.
   */
  readonly heads?: readonly RetrievalHead[];
  /**
   * First layer of the draft whose attention counts, from 0. Default 8, or half of a draft with
   * fewer than 16 layers. If it is given, all heads count.
   */
  readonly startLayer?: number;
  /**
   * Reduction over rows, heads, layers and drafted tokens. The paper's code computes `'sum'` for
   * "mean". Default `'max'`.
   */
  readonly reduction?: 'max' | 'sum';
  /**
   * Whether row t of the window counts t / (window - 1) times: the last row fully, the first not at
   * all. Default true.
   */
  readonly weightedQuery?: boolean;
  /**
   * Tokens N that the draft writes, greedily, up to an end of text. All but the last are fed back
   * and add their attention. 1 (default) adds none and writes nothing. A draft that is the target's
   * first layers writes noise.
   */
  readonly lookahead?: number;
  /**
   * Where the question stands. It stays whole, and its tokens' attention replaces the window's as
   * the score. `'detect'`: at the end or at the beginning of the last user message, or all of a
   * message within the window. `'last'`: the window, as in the paper. `{ text }`: the last place of
   * this text. Default `'detect'`.
   */
  readonly question?: 'detect' | 'last' | { readonly text: string };
  /**
   * Messages with one of these roles stay whole. Default `['system']`, unless the system message is
   * the document: one that alone does not fit into `keep` is shortened, with a warning.
   */
  readonly keepRoles?: readonly string[];
  /**
   * Whether the last message of the role `user` stays whole: for chats whose documents are not in
   * it. Default false.
   */
  readonly keepQuestion?: boolean;
  /** Whether fenced code blocks (three backticks or tildes) stay whole. Default false. */
  readonly keepFences?: boolean;
  /**
   * Whether each message of a chat gets its share of the free part of `keep`, in proportion to what
   * could be dropped of it. Default false: the best tokens of the whole prompt stay.
   */
  readonly perMessage?: boolean;
}

/** Shape for `z.strictObject`, to be refined by `checkSelection`. */
export const selectionShape = {
  keep: z.union(
    [
      z.int().min(1),
      z.strictObject({ ratio: z.number().gt(0).max(1) }),
      z.strictObject({ evidence: z.number().gt(0).max(1) }),
      z.literal('auto').transform(() => ({ evidence: 0.95 })),
    ],
    {
      error:
        "must be a number of tokens, 1 or more, { ratio } or { evidence } above 0 and at most 1, or 'auto'",
    },
  ),
  window: z.int().min(1).default(64),
  unit: z.enum(['token', 'sentence', 'line']).optional(),
  unitScore: z.enum(['max', 'mean']).optional(),
  lexicalWeight: z.number().min(0).optional(),
  context: z.number().min(0).optional(),
  kernel: z.int().min(1).optional(),
  neighbours: z.int().min(0).optional(),
  pool: z.enum(['max', 'mean']).optional(),
  heads: headsSchema.optional(),
  startLayer: z.int().min(0).optional(),
  reduction: z.enum(['max', 'sum']).default('max'),
  weightedQuery: z.boolean().default(true),
  lookahead: z.int().min(1).default(1),
  question: z
    .union([z.enum(['detect', 'last']), z.strictObject({ text: z.string().trim().min(1) })], {
      error: "must be 'detect', 'last' or { text }, a question as it stands in the prompt",
    })
    .default('detect'),
  keepRoles: z.array(z.string()).readonly().optional(),
  keepQuestion: z.boolean().default(false),
  keepFences: z.boolean().default(false),
  perMessage: z.boolean().default(false),
};

export type ParsedSelection = z.output<z.ZodObject<typeof selectionShape>>;

/** Options that have no effect if whole sentences or lines are kept. */
const ofTokens = ['kernel', 'neighbours', 'pool'] as const;
/** Options that have no effect if tokens are kept. */
const ofUnits = ['unitScore', 'lexicalWeight', 'context'] as const;

/** Returns the unit in which a prompt is kept. */
export function unitOf(selection: ParsedSelection, isText: boolean): 'token' | 'sentence' | 'line' {
  const isByTokens = !isText || ofTokens.some((option) => selection[option] !== undefined);
  return selection.unit ?? (isByTokens ? 'token' : 'sentence');
}

/** Whether an option has no effect on ids that are not text. */
export function asksForText(selection: ParsedSelection): boolean {
  const { keep, keepFences, question } = selection;
  return (
    unitOf(selection, false) !== 'token' ||
    ofUnits.some((option) => selection[option] !== undefined) ||
    isByEvidence(keep) ||
    typeof question === 'object' ||
    keepFences
  );
}

function isByEvidence(keep: ParsedSelection['keep']): keep is { evidence: number } {
  return typeof keep === 'object' && 'evidence' in keep;
}

/** Adds an issue for each option that contradicts another or has no effect beside it. */
export function checkSelection(selection: ParsedSelection, context: z.RefinementCtx): void {
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  const { keep, window } = selection;
  if (typeof keep === 'number' && keep < window)
    refuse(
      'keep',
      `must be at least the window (${window} tokens), which is kept if no question is found`,
    );
  const given = (options: readonly (keyof ParsedSelection)[]) =>
    options.filter((option) => selection[option] !== undefined);
  const unit = unitOf(selection, true);
  if (unit === 'token' && isByEvidence(keep))
    refuse(
      'keep',
      "by evidence needs whole sentences or lines: leave unit 'token' and its options out, or give a number",
    );
  if (unit === 'token')
    for (const option of given(ofUnits))
      refuse(
        option,
        "has no effect with unit 'token': leave it out, or use unit 'sentence' or 'line'",
      );
  else
    for (const option of given(ofTokens))
      refuse(option, `has no effect with unit '${unit}': leave it out, or use unit 'token'`);
  if (selection.heads && selection.startLayer !== undefined)
    refuse('startLayer', 'has no effect beside heads: leave one of them out');
}

/** Adds an issue for each option that needs a draft if none is given. */
export function checkWithoutDraft(
  selection: ParsedSelection & { readonly draft?: unknown; readonly draftTokenizer?: unknown },
  context: z.RefinementCtx,
): void {
  if (selection.draft) return;
  const needing = {
    draftTokenizer: selection.draftTokenizer !== undefined,
    unit: unitOf(selection, true) === 'token',
    unitScore: selection.unitScore !== undefined,
    lexicalWeight: selection.lexicalWeight !== undefined,
    heads: selection.heads !== undefined,
    startLayer: selection.startLayer !== undefined,
    reduction: selection.reduction !== 'max',
    weightedQuery: !selection.weightedQuery,
    lookahead: selection.lookahead > 1,
  };
  for (const [option, isGiven] of Object.entries(needing))
    if (isGiven)
      context.addIssue({
        code: 'custom',
        path: [option],
        message: 'needs a draft: give one, such as decoder.draft({ layers: 8 }), or leave it out',
      });
}
