import type { Capability } from '../contract/capability.js';
import type { Decoder, ForwardInput, ForwardOutput, Sequence } from '../contract/decoder.js';
import type { AnyMiddleware, CacheBounds, Hooks } from '../contract/middleware.js';
import type { FinishReason, PrefillPart, Warning } from '../contract/result.js';
import type { EncodedPrompt, Tokenizer } from '../contract/tokenizer.js';
import type { StepDistribution } from '../sampling/step-distribution.js';
import type { ResolvedGenerateOptions } from './generate-options.js';
import type { Meter } from './meter.js';
import type { Layer } from './onion.js';
import type { TextStream } from './text/text-stream.js';

/** The part of a pipeline that its generations need. */
export interface Stack {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly middlewares: readonly AnyMiddleware[];
  readonly needs: readonly Capability[];
  readonly warnings: readonly Warning[];
  readonly chunkSize: number;
}

/** A middleware at work in one generation. */
export interface Installed {
  readonly middleware: AnyMiddleware;
  readonly name: string;
  readonly hooks: Hooks<unknown>;
  readonly provide?: object;
}

/** One turn of a generation: from a prompt to the end of its answer. */
export interface Turn {
  /** Fixed: forks share it. */
  readonly given: TurnGiven;
  /** The state read and written so far: forks copy it. */
  readonly answer: TurnAnswer;
  /** Belongs to this copy alone: forks begin with their own. */
  readonly live: TurnLive;
}

export interface TurnGiven {
  readonly stack: Stack;
  /** 0 for the first turn. */
  readonly number: number;
  /** True for a beginning that was read and is not answered. */
  readonly isPrefix: boolean;
  readonly options: ResolvedGenerateOptions;
  /** The option's, or one that never aborts. */
  readonly signal: AbortSignal;
  /** Position of the prompt's first token: 0 in a first turn. */
  readonly position: number;
  /** The prompt before the `prompt` phase. */
  readonly original: EncodedPrompt;
  /**
   * Tokens of the turns before: their prompts as they were read, and the part of their answers that
   * the chat has.
   */
  readonly earlier: ReadonlySet<number>;
}

export interface TurnAnswer {
  /** The prompt after the `prompt` phase. */
  kept: EncodedPrompt;
  /** Encodes the whole prompt, if an abort left a part of it unencoded. */
  whole?: () => EncodedPrompt;
  /** Known after the prompt phase. */
  bounds?: CacheBounds;
  /** Position after the prompt's last token. */
  promptEnd: number;
  /**
   * [vocabulary], what the first token is chosen from. Kept for forks and for a rollback of the
   * whole answer.
   */
  promptLogits: Float32Array;
  readonly tokens: number[];
  /** One for each token. */
  readonly logWeights: number[];
  text: TextStream;
  finishReason?: FinishReason;
  stopReason?: string;
}

export interface TurnLive {
  readonly seed: number;
  /** Ends the names of the random streams. Differs for each later turn and fork. */
  readonly streamName: string;
  readonly draw: () => number;
  readonly meter: Meter;
  readonly warnings: Warning[];
  warn(warning: Warning): void;
  installed: readonly Installed[];
  /** Sequences that middlewares opened, each with the decoder's own that it wraps. */
  readonly drafts: Map<Sequence, Sequence>;
  /** Drafts of the turn before that this turn takes over, each with its new wrapper. */
  readonly adopted: Map<Sequence, Sequence>;
  /** The decoder's sequence, once it is open. */
  sequence?: Sequence;
  /** Tokens of the whole chat, once a repetition penalty asks for them. */
  seen?: Set<number>;
  /** The `end` hooks have run. Opening a draft is now an error. */
  ended: boolean;
}

/** A turn on an open sequence: what the phases work on. */
export interface ActiveTurn {
  readonly turn: Turn;
  readonly sequence: Sequence;
  readonly distribution: StepDistribution;
  readonly onPart: (part: PrefillPart) => void;
}

export type RunForward = (sequence: Sequence, input: ForwardInput) => Promise<ForwardOutput>;

/** The onion of one phase, for `runOnion`. */
export function layersOf<In, Out>(
  { live }: Turn,
  hookOf: (hooks: Hooks<unknown>) => Layer<In, Out>['hook'] | undefined,
): Layer<In, Out>[] {
  return live.installed.flatMap(({ name, hooks }) => {
    const hook = hookOf(hooks);
    return hook ? [{ middleware: name, hook }] : [];
  });
}
