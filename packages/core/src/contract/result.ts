/**
 * Why a generation ended. `'dead-end'`: a constraint allowed no token; the text up to there is
 * kept, never one that breaks it.
 */
export type FinishReason = 'stop' | 'length' | 'aborted' | 'dead-end';

/** Something that could not be honoured, or deserves attention, reported in the result. */
export interface Warning {
  readonly type: 'unsupported' | 'degraded' | 'other';
  readonly feature: string;
  /** A middleware's name, or `'pipeline'`. */
  readonly middleware: string;
  readonly details?: string;
}

/** The cost of a generation, and what each middleware did. */
export interface Metrics {
  /** Tokens of the prompt as given. */
  readonly promptTokens: number;
  /** Tokens of the prompt that the target read. */
  readonly promptTokensKept: number;
  /** The target's own prefill: its forwards over the prompt, scoring in them included. */
  readonly prefillMs: number;
  /**
   * From the call to the first chosen token, drafts and scoring included. 0 where none was chosen.
   */
  readonly timeToFirstTokenMs: number;
  readonly decodeTokens: number;
  /** Tokens after the first, per second of the time after the first. 0 below two tokens. */
  readonly decodeTokensPerSecond: number;
  /** Allocated KV bytes, target and drafts, once the prompt was read and edits applied. */
  readonly kvBytesAfterPrefill: number;
  /** Largest allocated KV bytes, target and drafts, seen between forwards. */
  readonly kvBytesPeak: number;
  /** Metrics that middlewares reported by `run.emit`, by middleware. */
  readonly middlewares: { readonly [name: string]: { readonly [metric: string]: number } };
}

/**
 * `Value`: what a middleware of the pipeline can make of a finished text; undefined where none can.
 */
export interface Result<Value = unknown> {
  readonly text: string;
  /** Generated ids, an end-of-text token included. */
  readonly tokens: readonly number[];
  readonly finishReason: FinishReason;
  /** The reason that a middleware gave to `run.stopWhen`. */
  readonly stopReason?: string;
  /**
   * The value that a middleware made of the text, such as the JSON of a JSON Schema. Present only
   * if the text is complete and ended as `'stop'`.
   */
  readonly value?: Value;
  /**
   * Sum of the log-weights of the choices (natural log): 0 without a constraint, -Infinity after a
   * dead end.
   */
  readonly logWeight: number;
  readonly warnings: readonly Warning[];
  readonly metrics: Metrics;
}

/** Tokens of the prompt were read. */
export interface PrefillPart {
  readonly type: 'prefill';
  readonly tokens: number;
  readonly total: number;
}

export type StreamPart<Value = unknown> =
  | PrefillPart
  | { readonly type: 'text-delta'; readonly delta: string }
  | { readonly type: 'warning'; readonly warning: Warning }
  | { readonly type: 'finish'; readonly result: Result<Value> };
