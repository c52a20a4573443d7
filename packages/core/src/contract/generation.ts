import type { FinishReason, Result, StreamPart } from './result.js';
import type { MessageInput } from './tokenizer.js';

/** Checked where the call is made: an unknown or wrong option is an `InvalidOptionsError`. */
export interface GenerateOptions {
  /** 1 or more. Default 256. */
  readonly maxNewTokens?: number;
  /** 0 (default) is greedy; above, logits are divided by it. */
  readonly temperature?: number;
  /** Keep the k most probable tokens. Default 0: all. */
  readonly topK?: number;
  /**
   * Keep the smallest set of most probable tokens with at least this mass, in (0, 1]. Default 1:
   * all.
   */
  readonly topP?: number;
  /** Keep tokens with at least this share of the largest probability, in [0, 1). Default 0: all. */
  readonly minP?: number;
  /**
   * Divides positive and multiplies negative logits of tokens in the prompt as it was read, in the
   * text, and in earlier turns; above 0, default 1: none (CTRL, Keskar et al. 2019). Tokens that a
   * middleware left out of the prompt do not count; tokens that it drops from the cache later do.
   */
  readonly repetitionPenalty?: number;
  /** Same seed, same output. Default 0. */
  readonly seed?: number;
  /** The text ends before the first of these that is whole; they may span tokens. */
  readonly stop?: readonly string[];
  /**
   * Seen between tokens and between prefill chunks; the result then has finish reason `'aborted'`
   * and the text so far.
   */
  readonly signal?: AbortSignal;
}

export interface Step {
  /**
   * Tokens accepted in this step: one, more after a proposal, none when the generation had ended.
   */
  readonly tokens: readonly number[];
  /** Log-weight of these tokens; -Infinity for a dead end. */
  readonly logWeight: number;
  readonly finishReason?: FinishReason;
}

/** A generation run step by step: `generate` and `stream` are loops over it. */
export interface Generation<Value = unknown> {
  readonly done: boolean;
  /** Accepted tokens so far. */
  readonly tokens: readonly number[];
  readonly text: string;
  /** -Infinity after a dead end. */
  readonly logWeight: number;
  step(): Promise<Step>;
  /**
   * A copy that goes on by itself, with its own random streams. Needs `fork`. Forking leaves this
   * generation as it is.
   */
  fork(options: { seed: number }): Promise<Generation<Value>>;
  /**
   * Goes on with new chat turns: the answer so far becomes the assistant's turn, and only what is
   * new is read. Metrics and limits start from zero. The `prompt` phase is not run on later turns.
   * A refusal before a token is read leaves the generation as it was. An abort while it reads ends
   * the new turn without an answer, and the next `append` reads the rest of it; any other error
   * closes the generation.
   * @param options default: those of the turn before, but for a signal that was aborted
   * @throws PromptError before anything is changed: no chat, a template that rewrites earlier
   * turns, the context is full, or what middlewares say of the new turns, such as that what always
   * stays does not fit into a budget
   */
  append(messages: readonly MessageInput[], options?: GenerateOptions): Promise<void>;
  /**
   * Writes cache, chat and answer so far to a file, in the safetensors format, through a temporary
   * file beside it. `pipeline.load` goes on from it; what middlewares remember is not in it. Needs
   * `kv.read`.
   * @throws MissingCapabilityError, StateError, and SavedGenerationError if the file cannot be
   * written or something else stands there
   */
  save(path: string): Promise<void>;
  /**
   * Takes the last `count` tokens back. Needs `kv.edit`. Text already returned by `parts()` is
   * not retracted.
   */
  rollback(count: number): void;
  result(): Result<Value>;
  /** Parts for a streaming reader since the last call. */
  parts(): StreamPart<Value>[];
  /** Frees the caches and runs the `end` hooks. Safe to call twice. */
  close(): Promise<void>;
  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
