import { z } from 'zod/v4';

interface CommonOptions {
  /**
   * Whether the tokens of text that must follow (of a regular expression's literal, a schema's
   * property names) are read ahead in one forward, each still chosen by the model: the same text
   * from fewer forwards. Used where the decoder has `logits.all` and `kv.edit`; to the bit the same
   * with `logits.stepwise`, else as equal as the decoder's rows are alone and together. Default
   * false.
   */
  readonly jumpForward?: boolean;
  /**
   * What becomes of a text that `maxNewTokens` would cut. `'cut'` (default): it is cut, and a
   * warning says so. `'complete'`: the last tokens are those of a short valid ending, not the
   * model's; the log-weight is then -Infinity, as a cut text counts as 0.
   */
  readonly onLength?: 'cut' | 'complete';
}

interface AdaptiveOptions extends CommonOptions {
  /**
   * Rejected tokens of a step after which it is a dead end, which the weights take into account: 1
   * or more. Default Infinity.
   */
  readonly maxRejects?: number;
  /**
   * Rejected tokens of a step after which the mask of all allowed tokens is computed instead of
   * further tests: 1 or more, below `maxRejects`. Law and weights stay right. Default 4; none for a
   * predicate, whose mask would take a call for each token of the vocabulary, nor for a constraint
   * that answers later.
   */
  readonly maskAfter?: number;
}

/** Adaptive weighted rejection sampling with Des Raj's estimator. */
export interface AwrsOptions extends AdaptiveOptions {
  /** The default. */
  readonly sampler?: 'awrs';
  /**
   * Tokens tested after the accepted one, for log-weights of less variance: 1 or more. Default 1.
   */
  readonly tail?: number;
}

/** Its geometric variant: fewer tests where the model is sure, more variance. */
export interface GeometricOptions extends AdaptiveOptions {
  readonly sampler: 'geometric';
  /**
   * Accepted draws after which a step stops, for log-weights of less variance: 2 or more. Default
   * 2.
   */
  readonly maxAccepts?: number;
}

/**
 * Token masking, the baseline: every token of the vocabulary is tested; the log-weight of a token
 * has no variance.
 */
export interface MaskOptions extends CommonOptions {
  readonly sampler: 'mask';
}

export type ConstrainOptions = AwrsOptions | GeometricOptions | MaskOptions;

const common = {
  jumpForward: z.boolean().default(false),
  onLength: z.enum(['cut', 'complete']).default('cut'),
};
const limit = z.union([z.int().min(1), z.literal(Number.POSITIVE_INFINITY)], {
  error: 'must be a whole number of 1 or more, or Infinity',
});
const adaptive = {
  ...common,
  maxRejects: limit.default(Number.POSITIVE_INFINITY),
  maskAfter: limit.optional(),
};

const samplerSchema = z
  .discriminatedUnion('sampler', [
    z.strictObject({ sampler: z.literal('awrs'), tail: z.int().min(1).default(1), ...adaptive }),
    z.strictObject({
      sampler: z.literal('geometric'),
      maxAccepts: z.int().min(2).default(2),
      ...adaptive,
    }),
    z.strictObject({ sampler: z.literal('mask'), ...common }),
  ])
  .refine(
    (options) =>
      options.sampler === 'mask' ||
      options.maskAfter === undefined ||
      options.maskAfter < options.maxRejects ||
      options.maskAfter === Number.POSITIVE_INFINITY,
    { path: ['maskAfter'], error: 'must be below maxRejects, or the mask is never made' },
  );

/** Checks the options of `constrain`. */
export const constrainOptions = z.preprocess(
  (options) =>
    typeof options === 'object' && options !== null ? { sampler: 'awrs', ...options } : options,
  samplerSchema,
);

export type ConstrainSettings = z.output<typeof constrainOptions>;
