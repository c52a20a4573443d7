import { verificationNeeds } from '../contract/capability.js';
import { StackError } from '../contract/errors.js';
import type { Warning } from '../contract/result.js';
import type { EncodedPrompt } from '../contract/tokenizer.js';
import { randomStream } from '../sampling/random.js';
import type { ResolvedGenerateOptions } from './generate-options.js';
import { install } from './install.js';
import { Meter } from './meter.js';
import { TextStream } from './text/text-stream.js';
import type { Installed, Stack, Turn, TurnLive } from './turn.js';

const neverAborted = new AbortController().signal;

/** How a turn begins; by default the first one, with nothing before it. */
export interface Begin {
  readonly meter?: Meter;
  readonly number?: number;
  readonly position?: number;
  readonly isPrefix?: boolean;
  /** Tokens of the turns before. */
  readonly earlier?: ReadonlySet<number>;
  /** Added to the names of the random streams. */
  readonly stream?: string;
  /** The turn before: its middlewares make the hooks of this one. */
  readonly before?: Turn;
}

/**
 * Makes a turn and its hooks; nothing is read yet.
 * @param onWarning told of each warning, which the turn records too
 * @throws MiddlewareError, StackError
 */
export function beginTurn(
  stack: Stack,
  original: EncodedPrompt,
  options: ResolvedGenerateOptions,
  begin: Begin,
  onWarning: (warning: Warning) => void,
): Turn {
  const { number = 0, position = 0, isPrefix = false, before } = begin;
  const { signal = neverAborted } = options;
  const { earlier = new Set() } = begin;
  const streamName = `${number === 0 ? '' : `, turn ${number}`}${begin.stream ?? ''}`;
  const live = newLive(options.seed, streamName, stack.warnings, onWarning, begin.meter);
  const turn: Turn = {
    given: { stack, number, isPrefix, options, signal, position, original, earlier },
    answer: {
      kept: original,
      promptEnd: 0,
      promptLogits: new Float32Array(),
      tokens: [],
      logWeights: [],
      text: new TextStream(stack.tokenizer, options.stop),
    },
    live,
  };
  for (const details of original.warnings ?? [])
    live.warn({ type: 'other', feature: 'prompt', middleware: 'pipeline', details });
  live.installed = install(turn, before && { phase: 'nextTurn', turn: before });
  for (const proposing of live.installed) requireVerification(proposing);
  return turn;
}

/** The state that belongs to one copy of a turn alone, before its hooks are made. */
export function newLive(
  seed: number,
  streamName: string,
  known: readonly Warning[],
  onWarning: (warning: Warning) => void,
  meter = new Meter(),
): TurnLive {
  const warnings = [...known];
  return {
    seed,
    streamName,
    draw: randomStream(seed, `pipeline${streamName}`),
    meter,
    warnings,
    warn(warning) {
      warnings.push(warning);
      onWarning(warning);
    },
    installed: [],
    drafts: new Map(),
    adopted: new Map(),
    ended: false,
  };
}

function requireVerification({ name, hooks, middleware }: Installed): void {
  if (!hooks.propose) return;
  const { requires, optional } = middleware;
  for (const capability of verificationNeeds)
    if (!requires.includes(capability) && !optional?.includes(capability))
      throw new StackError(
        name,
        `proposes tokens and does not list '${capability}' in requires or optional`,
      );
}
