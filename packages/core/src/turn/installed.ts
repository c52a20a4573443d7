import type { KeepEdit } from '../contract/cache.js';
import type { Capability } from '../contract/capability.js';
import type { Decoder, Sequence } from '../contract/decoder.js';
import { StateError } from '../contract/errors.js';
import type { Hooks, Middleware, Run } from '../contract/middleware.js';
import type { Warning } from '../contract/result.js';
import type { EncodedPrompt, Tokenizer } from '../contract/tokenizer.js';
import type { Truncation } from '../contract/truncation.js';
import { randomStream } from '../sampling/random.js';
import { guard } from './guard.js';
import { checkResult, hooksSchema } from './hook-results.js';
import type { Meter } from './meter.js';

/** Any middleware: what the pipeline needs once the types have been checked by `.use()`. */
export type AnyMiddleware = Middleware<string, Capability, never, object, unknown>;

/** A middleware at work in one generation. */
export interface Installed {
  readonly middleware: AnyMiddleware;
  readonly name: string;
  readonly hooks: Hooks<unknown>;
  readonly provide?: object;
}

/** What all runs of one turn share. */
export interface RunState {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly signal: AbortSignal;
  readonly seed: number;
  /** Which streams of the seed: another for each later turn and fork. */
  readonly stream: string;
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly truncation: Truncation;
  /** Position of the prompt's first token: 0 in a first turn. */
  readonly position: number;
  readonly original: EncodedPrompt;
  kept: EncodedPrompt;
  readonly tokens: number[];
  readonly meter: Meter;
  readonly drafts: Set<Sequence>;
  /** The decoder's own, once it is open. */
  sequence: Sequence | undefined;
  /** The `end` hooks are through: nothing may be opened any more. */
  ended: boolean;
  stopReason: string | undefined;
  warn(warning: Warning): void;
}

/** Creates the hooks of every middleware for one turn, or has those of `before` make them: for a fork or for a later turn. */
export function install(
  middlewares: readonly AnyMiddleware[],
  state: RunState,
  from?: { readonly phase: 'fork' | 'nextTurn'; readonly before: readonly Installed[] },
): Installed[] {
  const ctx: Record<PropertyKey, unknown> = {};
  return middlewares.map((middleware, index) => {
    const { name } = middleware;
    const run = makeRun(name, state, { ...ctx });
    const phase = from?.phase ?? 'create';
    const step = state.tokens.length;
    const hooks: Hooks<unknown> & { provide?: object } = guard(
      name,
      phase,
      step,
      () => from?.before[index].hooks[from.phase]?.(run) ?? middleware.create(run as Run<never>),
    );
    checkResult(hooksSchema, hooks, { middleware: name, phase, step });
    const provide = hooks.provide ?? from?.before[index].provide;
    Object.assign(ctx, provide);
    return { middleware, name, hooks, provide };
  });
}

function makeRun(name: string, state: RunState, ctx: unknown): Run {
  return {
    signal: state.signal,
    ctx,
    decoder: state.decoder,
    tokenizer: state.tokenizer,
    prompt: {
      original: state.original,
      position: state.position,
      get kept() {
        return state.kept;
      },
    },
    generated: state.tokens,
    maxNewTokens: state.maxNewTokens,
    temperature: state.temperature,
    truncation: state.truncation,
    get cache() {
      return state.sequence?.cache;
    },
    random: randomStream(state.seed, `${name}${state.stream}`),
    open: async (draft, needs) => track(await draft.open({ needs }), state),
    fork: async (edit?: KeepEdit) => {
      if (!state.sequence) throw new StateError('there is nothing to fork before the prefill');
      return track(await state.sequence.fork(edit), state);
    },
    stopWhen: (reason) => {
      state.stopReason ??= reason;
    },
    warn: (warning) => state.warn({ ...warning, middleware: name }),
    emit: (metric, value) => state.meter.emit(name, metric, value),
  };
}

/** A draft's sequence whose bytes are metered and which is closed with the turn, its forks too. */
function track(sequence: Sequence, state: RunState): Sequence {
  if (state.ended) {
    sequence.close();
    throw new StateError('the generation ended while a draft was being opened');
  }
  const tracked: Sequence = {
    cache: sequence.cache,
    forward: async (input) => {
      const output = await sequence.forward({ signal: state.signal, ...input });
      state.meter.sampleBytes();
      return output;
    },
    edit: (edit) => sequence.edit(edit),
    fork: async (edit) => track(await sequence.fork(edit), state),
    close: () => {
      state.meter.unfollow(tracked);
      state.drafts.delete(tracked);
      sequence.close();
    },
  };
  state.meter.follow(tracked);
  state.drafts.add(tracked);
  return tracked;
}
