import type { Warning } from '../contract/result.js';
import { newLive } from './begin-turn.js';
import { install } from './install.js';
import type { Turn } from './turn.js';

/**
 * Copies a turn between steps, with hooks and random streams of its own; nothing that either does
 * later is seen by the other.
 * @param onWarning told of each warning of the copy, which the copy has beside the turn's
 * @throws MiddlewareError
 */
export function forkTurn(turn: Turn, seed: number, onWarning: (warning: Warning) => void): Turn {
  const { tokens, logWeights } = turn.answer;
  const streamName = `${turn.live.streamName}, fork at ${tokens.length}`;
  const live = newLive(seed, streamName, [], onWarning);
  const text = turn.answer.text.replay(tokens);
  text.release(true);
  const copy: Turn = {
    given: turn.given,
    answer: { ...turn.answer, tokens: [...tokens], logWeights: [...logWeights], text },
    live,
  };
  live.installed = install(copy, { phase: 'fork', turn });
  const own = live.warnings.splice(0);
  live.warnings.push(...mergeWarnings(turn.live.warnings, own));
  return copy;
}

/** The parent's warnings and those of the copy that say something new. */
function mergeWarnings(parent: readonly Warning[], copy: readonly Warning[]): Warning[] {
  const known = new Set(parent.map((warning) => JSON.stringify(warning)));
  return [...parent, ...copy.filter((warning) => !known.has(JSON.stringify(warning)))];
}
