import { verificationNeeds } from '../contract/capability.js';
import { StackError } from '../contract/errors.js';
import type { Warning } from '../contract/result.js';
import type { EncodedPrompt } from '../contract/tokenizer.js';
import { randomStream } from '../sampling/random.js';
import type { ResolvedGenerateOptions } from './generate-options.js';
import { type Installed, install, type RunState } from './installed.js';
import { Meter } from './meter.js';
import { TextStream } from './text-stream.js';
import type { Stack, Turn } from './turn.js';

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
  /** The middlewares' hooks of the turn before. */
  readonly before?: readonly Installed[];
}

/**
 * A turn with its hooks made, of which nothing was read yet.
 * @param onWarning told of each warning, which the turn has too
 * @throws MiddlewareError, StackError
 */
export function beginTurn(
  stack: Stack,
  original: EncodedPrompt,
  options: ResolvedGenerateOptions,
  begin: Begin,
  onWarning: (warning: Warning) => void,
): Turn {
  const { decoder, tokenizer, middlewares } = stack;
  const { meter = new Meter(), number = 0, position = 0, isPrefix = false, before } = begin;
  const warnings = [...stack.warnings];
  const state: RunState = {
    decoder,
    tokenizer,
    signal: options.signal ?? neverAborted,
    seed: options.seed,
    stream: `${number === 0 ? '' : `, turn ${number}`}${begin.stream ?? ''}`,
    maxNewTokens: options.maxNewTokens,
    temperature: options.temperature,
    truncation: { topK: options.topK, topP: options.topP, minP: options.minP },
    position,
    original,
    kept: original,
    tokens: [],
    meter,
    drafts: new Set(),
    sequence: undefined,
    ended: false,
    stopReason: undefined,
    warn: (warning) => {
      warnings.push(warning);
      onWarning(warning);
    },
  };
  for (const details of original.warnings ?? [])
    state.warn({ type: 'other', feature: 'prompt', middleware: 'pipeline', details });
  const installed = install(middlewares, state, before && { phase: 'nextTurn', before });
  for (const proposing of installed) requireVerification(proposing);
  return {
    number,
    isPrefix,
    options,
    state,
    installed,
    warnings,
    earlier: begin.earlier ?? new Set(),
    logWeights: [],
    draw: randomStream(state.seed, `pipeline${state.stream}`),
    promptEnd: 0,
    promptLogits: new Float32Array(),
    text: new TextStream(tokenizer, options.stop),
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
