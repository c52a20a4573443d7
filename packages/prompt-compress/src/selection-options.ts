import { z } from 'zod/v4';

/** What `promptCompress` and `compressText` choose by. */
export interface SelectionOptions {
  /**
   * Tokens kept, everything counted that must stay; or a share of the prompt's tokens, above 0, at most 1, rounded down, and raised to what must
   * stay where that is more. A number is at least `window`.
   */
  readonly keep: number | { readonly ratio: number };
  /** Last prompt tokens: always kept, and their attention is the score. 1 or more; default 64. */
  readonly window?: number;
  /** What is kept or dropped as a whole: `'token'`, as in the paper, `'sentence'` or `'line'`. Default `'token'`. */
  readonly unit?: 'token' | 'sentence' | 'line';
  /** Whether a sentence or a line is worth its best or its mean token. Only with these units; default `'max'`. */
  readonly unitScore?: 'max' | 'mean';
  /** Width of the pooling of scores over neighbouring tokens, odd or even; 1 is none. Only with unit `'token'`; default 32. */
  readonly kernel?: number;
  /** Tokens kept around each of the best, itself counted; 0 or 1 is the token alone. Only with unit `'token'`; default `kernel`. */
  readonly neighbours?: number;
  /** How neighbouring scores are pooled. Only with unit `'token'`; default `'max'`. */
  readonly pool?: 'max' | 'mean';
  /** First layer of the draft whose attention counts, from 0. Default 8, or half of a draft with fewer than 16 layers. */
  readonly startLayer?: number;
  /** Over rows, heads, layers and drafted tokens. `'sum'` is what the paper's code does for "mean". Default `'max'`. */
  readonly reduction?: 'max' | 'sum';
  /** Whether row t of the window counts t / (window - 1) times: the last row fully, the first not at all. Default true. */
  readonly weightedQuery?: boolean;
  /**
   * Tokens N that the draft writes, greedily, up to an end of text. All but the last are fed back and add their attention: 1 (default)
   * adds none and writes nothing. From a draft that is the target's first layers, more is noise.
   */
  readonly lookahead?: number;
  /**
   * Where the question stands that the rest is to answer. It stays whole, and its tokens' attention is the score, beside the window's where something is
   * asked at the end, too, else in the place of the window. `'detect'`: at the end, or at the beginning of the last user message; `'last'`: at the end, as in
   * the paper; `{ text }`: where this text stands last. Default `'detect'`.
   */
  readonly question?: 'detect' | 'last' | { readonly text: string };
  /**
   * Messages with one of these roles stay whole. Default `['system']`, unless the system message is the document: where it alone does not fit into `keep`, it is
   * shortened, with a warning.
   */
  readonly keepRoles?: readonly string[];
  /** Whether the last message of the role `user` stays whole: for chats that do not carry their documents in it. Default false. */
  readonly keepQuestion?: boolean;
  /** Whether fenced code blocks (three backticks or tildes) stay whole. Default false. */
  readonly keepFences?: boolean;
  /**
   * Whether each message of a chat gets its share of what is free of `keep`, in proportion to what could be dropped of it. Default false: the best
   * tokens of the whole prompt stay.
   */
  readonly perMessage?: boolean;
}

/** For `z.strictObject`, with `checkSelection`. */
export const selectionShape = {
  keep: z.union([z.int().min(1), z.strictObject({ ratio: z.number().gt(0).max(1) })], {
    error: 'must be a number of tokens, 1 or more, or { ratio } above 0 and at most 1',
  }),
  window: z.int().min(1).default(64),
  unit: z.enum(['token', 'sentence', 'line']).default('token'),
  unitScore: z.enum(['max', 'mean']).optional(),
  kernel: z.int().min(1).optional(),
  neighbours: z.int().min(0).optional(),
  pool: z.enum(['max', 'mean']).optional(),
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

/** Adds an issue for each option that contradicts another or has no effect beside it. */
export function checkSelection(selection: ParsedSelection, context: z.RefinementCtx): void {
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  const { keep, window, unit } = selection;
  if (typeof keep === 'number' && keep < window)
    refuse('keep', `must be at least the window, which is always kept (${window} tokens)`);
  for (const option of ['kernel', 'neighbours', 'pool'] as const)
    if (unit !== 'token' && selection[option] !== undefined)
      refuse(option, `has no effect with unit '${unit}': leave it out, or use unit 'token'`);
  if (unit === 'token' && selection.unitScore !== undefined)
    refuse(
      'unitScore',
      "has no effect with unit 'token': leave it out, or use unit 'sentence' or 'line'",
    );
}
