import type { Capability } from '../contract/capability.js';
import type { Decoder, ForwardInput, ForwardOutput, Sequence } from '../contract/decoder.js';
import type { CacheBounds, Hooks } from '../contract/middleware.js';
import type { FinishReason, PrefillPart, Warning } from '../contract/result.js';
import type { EncodedPrompt, Tokenizer } from '../contract/tokenizer.js';
import type { StepDistribution } from '../sampling/step-distribution.js';
import type { ResolvedGenerateOptions } from './generate-options.js';
import type { AnyMiddleware, Installed, RunState } from './installed.js';
import type { Layer } from './onion.js';
import type { TextStream } from './text-stream.js';

/** What a pipeline hands to its generations. */
export interface Stack {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly middlewares: readonly AnyMiddleware[];
  readonly needs: readonly Capability[];
  readonly warnings: readonly Warning[];
  readonly chunkSize: number;
}

/** One turn of a generation: from a prompt to the end of its answer. */
export interface Turn {
  /** 0 for the first. */
  readonly number: number;
  /** A beginning that was read and is not answered. */
  readonly isPrefix: boolean;
  readonly options: ResolvedGenerateOptions;
  readonly state: RunState;
  readonly installed: readonly Installed[];
  /** Known once the prompt phase is over. */
  bounds?: CacheBounds;
  readonly warnings: Warning[];
  /** Tokens of the turns before: their prompts as they were read, and what the chat has of their answers. */
  readonly earlier: ReadonlySet<number>;
  /** Of each token. */
  readonly logWeights: number[];
  readonly draw: () => number;
  /** Position after the prompt's last token. */
  promptEnd: number;
  /** The whole prompt, where an abort left a part of it unencoded. */
  whole?: () => EncodedPrompt;
  /** What the first token is chosen from; kept for forks and for a rollback of the whole answer. */
  promptLogits: Float32Array;
  text: TextStream;
  /** Tokens of the whole chat, once a repetition penalty asks for them. */
  seen?: Set<number>;
  finishReason?: FinishReason;
}

/** A turn on an open sequence: what the phases work on. */
export interface ActiveTurn {
  readonly stack: Stack;
  readonly turn: Turn;
  readonly sequence: Sequence;
  readonly distribution: StepDistribution;
  readonly onPart: (part: PrefillPart) => void;
}

export type RunForward = (sequence: Sequence, input: ForwardInput) => Promise<ForwardOutput>;

/** Sum over the tokens; -Infinity after a dead end, whose text must not count. */
export function logWeightOf({ logWeights, finishReason }: Turn, from = 0): number {
  if (finishReason === 'dead-end') return Number.NEGATIVE_INFINITY;
  return logWeights.slice(from).reduce((sum, weight) => sum + weight, 0);
}

/** The onion of one phase, for `runOnion`. */
export function layersOf<In, Out>(
  { installed }: Turn,
  hookOf: (hooks: Hooks<unknown>) => Layer<In, Out>['hook'] | undefined,
): Layer<In, Out>[] {
  return installed.flatMap(({ name, hooks }) => {
    const hook = hookOf(hooks);
    return hook ? [{ middleware: name, hook }] : [];
  });
}
