import type { KeepEdit } from '../contract/cache.js';
import { StateError } from '../contract/errors.js';
import type { Hooks, Run } from '../contract/middleware.js';
import { randomStream } from '../sampling/random.js';
import { adoptDraft, trackDraft } from './drafts.js';
import { guard } from './guard.js';
import { checkResult, hooksSchema } from './hook-results.js';
import type { Installed, Turn } from './turn.js';

/**
 * Creates the hooks of every middleware for one turn, or has those of another turn make them: for a
 * fork, or for a later turn.
 */
export function install(
  turn: Turn,
  from?: { readonly phase: 'fork' | 'nextTurn'; readonly turn: Turn },
): Installed[] {
  const ctx: Record<PropertyKey, unknown> = {};
  return turn.given.stack.middlewares.map((middleware, index) => {
    const { name } = middleware;
    const before = from?.turn.live.installed[index];
    const run = makeRun(name, turn, { ...ctx }, from?.phase === 'nextTurn' ? from.turn : undefined);
    const phase = from?.phase ?? 'create';
    const step = turn.answer.tokens.length;
    const hooks: Hooks<unknown> & { provide?: object } = guard(
      name,
      phase,
      step,
      () => (from && before?.hooks[from.phase]?.(run)) ?? middleware.create(run as Run<never>),
    );
    checkResult(hooksSchema, hooks, { middleware: name, phase, step });
    const provide = hooks.provide ?? before?.provide;
    Object.assign(ctx, provide);
    return { middleware, name, hooks, provide };
  });
}

function makeRun(name: string, turn: Turn, ctx: unknown, before: Turn | undefined): Run {
  const { given, answer, live } = turn;
  const { stack, options } = given;
  return {
    signal: given.signal,
    ctx,
    decoder: stack.decoder,
    tokenizer: stack.tokenizer,
    prompt: {
      original: given.original,
      position: given.position,
      get compressed() {
        return answer.kept;
      },
    },
    generated: answer.tokens,
    maxNewTokens: options.maxNewTokens,
    temperature: options.temperature,
    truncation: { topK: options.topK, topP: options.topP, minP: options.minP },
    get cache() {
      return live.sequence?.cache;
    },
    random: randomStream(live.seed, `${name}${live.streamName}`),
    open: async (draft, needs) => trackDraft(await draft.open({ needs }), turn),
    fork: async (edit?: KeepEdit) => {
      if (!live.sequence) throw new StateError('there is nothing to fork before the prefill');
      return trackDraft(await live.sequence.fork(edit), turn);
    },
    adopt: (sequence) => adoptDraft(sequence, turn, before),
    stopWhen: (reason) => {
      answer.stopReason ??= reason;
    },
    warn: (warning) => live.warn({ ...warning, middleware: name }),
    emit: (metric, value) => live.meter.emit(name, metric, value),
  };
}
