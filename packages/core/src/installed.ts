import type { Capability } from './capability.js';
import type { Decoder, OpenOptions, Sequence } from './decoder.js';
import { MiddlewareError, PliantError } from './errors.js';
import type { Meter } from './meter.js';
import type { Hooks, Middleware, Run } from './middleware.js';
import { messageOf } from './onion.js';
import { randomStream } from './random.js';
import type { Warning } from './result.js';
import type { EncodedPrompt, Tokenizer } from './tokenizer.js';

/** Any middleware: what the pipeline needs once the types have been checked by `.use()`. */
export type AnyMiddleware = Middleware<string, Capability, never, object>;

/** A middleware at work in one generation. */
export interface Installed {
  readonly middleware: AnyMiddleware;
  readonly name: string;
  readonly hooks: Hooks;
}

/** What all runs of one generation share. */
export interface RunState {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly signal: AbortSignal;
  readonly seed: number;
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly original: EncodedPrompt;
  kept: EncodedPrompt;
  readonly tokens: number[];
  readonly meter: Meter;
  readonly drafts: Set<Sequence>;
  stopReason: string | undefined;
  warn(warning: Warning): void;
}

/** Creates the hooks of every middleware for one generation, or with `copyOf` the copies for its fork. */
export function install(
  middlewares: readonly AnyMiddleware[],
  state: RunState,
  copyOf?: readonly Installed[],
): Installed[] {
  const ctx: Record<PropertyKey, unknown> = {};
  return middlewares.map((middleware, index) => {
    const { name } = middleware;
    const run = makeRun(middleware, state, { ...ctx });
    try {
      const forked = copyOf?.[index].hooks.fork?.(run);
      const hooks: Hooks & { provide?: object } = forked ?? middleware.create(run as Run<never>);
      Object.assign(ctx, hooks.provide);
      return { middleware, name, hooks };
    } catch (error) {
      if (PliantError.isInstance(error)) throw error;
      const phase = copyOf ? 'fork' : 'create';
      throw new MiddlewareError(name, phase, 0, messageOf(error), { cause: error });
    }
  });
}

function makeRun(middleware: AnyMiddleware, state: RunState, ctx: unknown): Run {
  const { name } = middleware;
  return {
    signal: state.signal,
    ctx,
    decoder: state.decoder,
    tokenizer: state.tokenizer,
    prompt: {
      original: state.original,
      get kept() {
        return state.kept;
      },
    },
    generated: state.tokens,
    maxNewTokens: state.maxNewTokens,
    temperature: state.temperature,
    random: randomStream(state.seed, name),
    open: (draft, needs) => openDraft(draft, { needs }, state),
    stopWhen: (reason) => {
      state.stopReason ??= reason;
    },
    warn: (warning) => state.warn({ ...warning, middleware: name }),
    emit: (metric, value) => state.meter.emit(name, metric, value),
  };
}

/** A sequence whose bytes are metered and which is closed with the run. */
async function openDraft(draft: Decoder, options: OpenOptions, state: RunState): Promise<Sequence> {
  const sequence = await draft.open(options);
  const tracked: Sequence = {
    cache: sequence.cache,
    forward: async (input) => {
      const output = await sequence.forward({ signal: state.signal, ...input });
      state.meter.sampleBytes();
      return output;
    },
    edit: (edit) => sequence.edit(edit),
    fork: () => sequence.fork(),
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
