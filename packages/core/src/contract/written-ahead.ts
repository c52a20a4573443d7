/**
 * Provided by a middleware whose draft writes after the whole prompt (`provide`, read from
 * `run.ctx`): the tokens it wrote. Middlewares installed after it need not run the draft again.
 * This is the cascade of SpecPC and SpecKV ("Draft-based Approximate Inference for LLMs",
 * arXiv:2506.08373).
 */
export interface WrittenAhead {
  readonly writtenAhead: {
    /**
     * Ids of the target's vocabulary, 1 or more, in the order written; an end token, which ends
     * them, is among them. There once the `prompt` phase is over; undefined before, and where the
     * draft did not run, wrote nothing or has another tokenizer.
     */
    readonly tokens: readonly number[] | undefined;
  };
}
