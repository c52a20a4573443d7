import type { CacheView, EditMoment, KeepEdit } from './cache.js';
import type { Capability } from './capability.js';
import type { Decoder, ForwardInput, ForwardOutput, Sequence } from './decoder.js';
import type { Distribution } from './distribution.js';
import type { Result, Warning } from './result.js';
import type { EncodedPrompt, Tokenizer } from './tokenizer.js';
import type { Truncation } from './truncation.js';

export type Forward = (input: ForwardInput) => Promise<ForwardOutput>;

/**
 * A token and the log-weight (natural log) that makes it properly weighted for the target; 0 for a
 * plain draw.
 */
export interface Choice {
  readonly token: number;
  readonly logWeight: number;
}

/** Draft tokens drawn at random, each with the distribution it was drawn from. */
export interface DrawnTokens {
  readonly tokens: readonly number[];
  /** One for each token; natural log. */
  readonly distributions: readonly Pick<Distribution, 'logProbability'>[];
}

/** The return value of `choose` if no token is allowed. The run ends as `'dead-end'`. */
export const deadEnd: Choice = Object.freeze({ token: -1, logWeight: Number.NEGATIVE_INFINITY });

/**
 * Phase hooks of one generation. Made once per generation by `Middleware.create`, so that they
 * close over their own state. `next` may be called at most once; where it must be called, leaving
 * it out is an error. `Value`: what `value` gives.
 */
export interface Hooks<Value = never> {
  /** Onion over the encoded prompt, before anything is read. */
  prompt?(
    prompt: EncodedPrompt,
    next: (prompt: EncodedPrompt) => Promise<EncodedPrompt>,
  ): Promise<EncodedPrompt>;
  /**
   * Onion, once per turn, over the whole prompt; the pipeline cuts it into chunks below. Tokens
   * appended here are read and never sampled from. After `next()`, `draft` reads on after the
   * prompt, for a decoder that drafts for itself. It overwrites the logits that `next()` returned;
   * copy them first. If anything beyond the prompt was read, it is truncated and the last prompt
   * token is fed again.
   */
  prefill?(input: ForwardInput, next: Forward, draft: Forward): Promise<ForwardOutput>;
  /** Onion, each decode forward. */
  forward?(input: ForwardInput, next: Forward): Promise<ForwardOutput>;
  /**
   * Fold: what to keep of the cache. `last` is the output of the forwards just run; its `scores`
   * are under the name they were asked by.
   */
  editCache?(view: CacheView, last: ForwardOutput, moment: EditMoment): KeepEdit | undefined;
  /**
   * Drafts at most `most` (1 or more) tokens to verify in one forward. `draft` runs on the
   * sequence, from the last accepted token on; what it wrote is truncated before verification.
   * Several middlewares may propose: the first that returns a token wins. `requires` must list
   * `logits.all` and `kv.edit`. If `optional` lists them instead, `propose` is called only with a
   * decoder that has both. Verification asks for `stepwise` if this or another middleware lists
   * `logits.stepwise`.
   *
   * Tokens alone are accepted as long as each is the one chosen: the text is what the seed gives
   * without drafts. With their distributions, and where tokens are sampled and no middleware has a
   * `choose`, they are accepted by speculative rejection sampling: more of them, and the text is
   * distributed as without drafts.
   */
  propose?(draft: Forward, most: number): Promise<readonly number[] | DrawnTokens>;
  /**
   * How many tokens may be proposed, by this middleware or another: for one that bounds the rows of
   * the cache, of which a verification takes one for each token proposed and one for the last
   * accepted. Asked before each proposal. Below 1, nothing is proposed.
   */
  proposalRoom?(view: CacheView): number;
  /** Fold, in place, before truncation (top-k, top-p, min-p) and the softmax. */
  adjust?(logits: Float32Array): void;
  /**
   * Onion around the draw. Must call `next` or decide itself; deciding without asking an inner
   * `choose` is an error.
   */
  choose?(
    distribution: Distribution,
    next: (distribution: Distribution) => Choice | Promise<Choice>,
  ): Choice | Promise<Choice>;
  /** Tokens were accepted. */
  commit?(tokens: readonly number[]): void;
  /**
   * The last `count` accepted tokens were taken back. Rejected proposals were never accepted: no
   * rollback follows them.
   */
  rollback?(count: number): void;
  /** Asked once the prompt phase is over, before anything is read. */
  bounds?(): CacheBounds | undefined;
  /**
   * True if a later turn must read this turn's answer again, as a part of its prompt, because the
   * answer's rows were not written in every layer. Needs `kv.edit`.
   */
  rereadAnswer?(): boolean;
  /**
   * The hooks of a later turn, with what they keep of this one. Without it the turn gets new ones
   * by `create`.
   */
  nextTurn?(run: Run): Hooks<Value>;
  /**
   * The same state for a copied generation; `run` is the copy's own. Without it the copy gets new
   * hooks by `create`: right only where the hooks hold no state of the generation.
   */
  fork?(run: Run): Hooks<Value>;
  /**
   * The value that the text of a turn stands for, for the result, if the turn ended as `'stop'`;
   * undefined if the text is incomplete. The last middleware that returns a value wins. May be
   * called more than once.
   */
  value?(text: string): Value | undefined;
  /** Once, also after an abort or an error. */
  end?(result: Result): void | Promise<void>;
}

/**
 * Rows per layer that a middleware's edits let the cache have, so that no more memory is taken,
 * whatever the length.
 */
export interface CacheBounds {
  /**
   * Left after each prefill chunk: with the chunk that follows it is what the cache may hold.
   * Absent: the prompt is read whole.
   */
  readonly prefill?: number;
  /** Rows that the middleware reads after the prompt. Chunks are shorter by as many. Default 0. */
  readonly beyond?: number;
  /** At most while decoding. Absent: a row for each token. */
  readonly decode?: number;
  /**
   * True if the edits between chunks renumber the rows. The prompt may then be longer than the
   * context.
   */
  readonly renumbers?: boolean;
}

/** The generation a middleware works for. */
export interface Run<Ctx = unknown> {
  readonly signal: AbortSignal;
  /** Everything that middlewares installed before this one provide. */
  readonly ctx: Ctx;
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  /**
   * The prompt of this turn. `compressed` equals `original` until the `prompt` phase is over.
   * `position` is that of its first token: 0 in a first turn.
   */
  readonly prompt: {
    readonly original: EncodedPrompt;
    readonly compressed: EncodedPrompt;
    readonly position: number;
  };
  /** Accepted tokens. */
  readonly generated: readonly number[];
  /** Upper bound on tokens of this generation. */
  readonly maxNewTokens: number;
  /** 0 is greedy. */
  readonly temperature: number;
  /** The limits on tokens that may be drawn, for a draft that draws as the target does. */
  readonly truncation: Truncation;
  /** The decoder's own sequence; undefined before the prefill. */
  readonly cache: CacheView | undefined;
  /** Uniform in (0, 1): this middleware's own stream of the seeded generator. */
  readonly random: () => number;
  /**
   * A sequence of a draft; its bytes count as the run's, its forwards get the run's signal, and it
   * is closed with the turn at the latest.
   */
  open(draft: Decoder, needs?: readonly Capability[]): Promise<Sequence>;
  /**
   * A copy of the decoder's own sequence as it is, of the rows that `edit` keeps where it is given,
   * to draft on. Counted and closed as those of `open`. Needs `fork`, and `kv.edit` for an edit.
   */
  fork(edit?: KeepEdit): Promise<Sequence>;
  /**
   * In `nextTurn`: takes over a sequence that `open` or `fork` of the turn before gave, which would
   * be closed with that turn. Use the returned sequence from now on: its bytes count as this run's,
   * and its forwards get this run's signal. The sequence is as the turn before left it; the tokens
   * that the chat does not have, after a stop string or an abort, are still in it. If the new turn
   * is refused, the sequence stays with the turn before.
   * @throws StateError for a sequence that the turn before does not hold
   */
  adopt(sequence: Sequence): Sequence;
  /** Ends the generation after the current step with finish reason `'stop'`. */
  stopWhen(reason: string): void;
  warn(warning: Omit<Warning, 'middleware'>): void;
  /** Sets a metric; units stand in the name (`scoringMs`), counts have none. */
  emit(name: string, value: number): void;
}

export interface Middleware<
  Name extends string = string,
  Needs extends Capability = never,
  In = unknown,
  // biome-ignore lint/complexity/noBannedTypes: {} is "provides nothing" in an intersection
  Out = {},
  Value = unknown,
> {
  readonly specificationVersion: 'v1';
  /** kebab-case; in every error, warning and metric. Once per pipeline. */
  readonly name: Name;
  readonly requires: readonly Needs[];
  /** Used where the decoder has them; absent ones degrade with a warning, never silently. */
  readonly optional?: readonly Capability[];
  /** Names that cannot be in the same pipeline. */
  readonly conflicts?: readonly string[];
  /** Called by `.use()`: refuses, by throwing, what types cannot see. */
  readonly check?: (decoder: Decoder, tokenizer: Tokenizer) => void;
  /**
   * Makes the hooks of a turn; opens nothing: that is for the hooks. A property, not a method:
   * keeps the checking of `In`.
   */
  readonly create: (run: Run<In>) => Hooks<Value> & { readonly provide?: Out };
}

/** Any middleware: what the pipeline needs once the types have been checked by `.use()`. */
export type AnyMiddleware = Middleware<string, Capability, never, object, unknown>;
