/**
 * What a middleware provides to those installed after it (`provide`, read from `run.ctx`) when it has a draft that writes behind the
 * whole prompt: what was written, so that none of them runs the draft again. Of the cascade of SpecPC and SpecKV ("Draft-based
 * Approximate Inference for LLMs", arXiv:2506.08373).
 */
export interface WrittenAhead {
  readonly writtenAhead: {
    /**
     * Ids of the target's vocabulary, 1 or more, in the order written; an end token, which ends them, is among them. There once the
     * `prompt` phase is over; undefined before, and where the draft did not run, wrote nothing or has another tokenizer.
     */
    readonly tokens: readonly number[] | undefined;
  };
}
