import type { Tokenizer } from '@pliant/core';

/** A way of making prompts whose right answers are known. */
export interface Task {
  readonly name: string;
  /**
   * Decided by the options.
   * @throws RangeError when `tokens` are too few, or more than the shipped texts have
   */
  make(options: TaskOptions): TaskPrompt;
}

export interface TaskOptions {
  readonly seed: number;
  /** Length of the prompt: at most, and nearly. */
  readonly tokens: number;
  readonly tokenizer: Tokenizer;
}

export interface TaskPrompt {
  /**
   * In the chat format, the question after the text; ends inside the assistant's answer if the task
   * begins it.
   */
  readonly text: string;
  /**
   * Texts that the answer should hold, each once in `text`'s passages unless the task says
   * otherwise.
   */
  readonly answers: readonly string[];
  /** Enough for all answers. */
  readonly maxNewTokens: number;
}
