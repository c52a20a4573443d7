import type { Warning } from '../contract/result.js';
import { randomStream } from '../sampling/random.js';
import { install, type RunState } from './installed.js';
import { Meter } from './meter.js';
import type { Stack, Turn } from './turn.js';

/**
 * A copy of a turn between steps, with its own hooks and random streams; nothing that either does later is seen by the other.
 * @param onWarning told of each warning of the copy, which the copy has beside the turn's
 * @throws MiddlewareError
 */
export function forkTurn(
  { middlewares }: Stack,
  turn: Turn,
  seed: number,
  onWarning: (warning: Warning) => void,
): Turn {
  const { tokens, stream } = turn.state;
  const warnings: Warning[] = [];
  const state: RunState = {
    ...turn.state,
    seed,
    stream: `${stream}, fork at ${tokens.length}`,
    tokens: [...tokens],
    meter: new Meter(),
    drafts: new Set(),
    sequence: undefined,
    warn: (warning) => {
      warnings.push(warning);
      onWarning(warning);
    },
  };
  const text = turn.text.replay(tokens);
  text.release(true);
  const installed = install(middlewares, state, { phase: 'fork', before: turn.installed });
  const own = warnings.splice(0);
  warnings.push(...unite(turn.warnings, own));
  return {
    ...turn,
    state,
    installed,
    seen: undefined,
    warnings,
    logWeights: [...turn.logWeights],
    draw: randomStream(seed, `pipeline${state.stream}`),
    text,
  };
}

/** The parent's warnings and those of the copy that say something new. */
function unite(parent: readonly Warning[], copy: readonly Warning[]): Warning[] {
  const known = new Set(parent.map((warning) => JSON.stringify(warning)));
  return [...parent, ...copy.filter((warning) => !known.has(JSON.stringify(warning)))];
}
