import { isReadable } from '../../regex/automaton/program.js';
import type { Network } from './network.js';

/** Facts about a network that need no text. */
export interface Productivity {
  /** [states], 1 where some text leads from the state to the end of its frame. */
  readonly live: Uint8Array;
  /** [frames], 1 where the frame derives the empty text. */
  readonly nullable: Uint8Array;
}

/**
 * A state that no text leads on from would keep hopeless texts alive: such states are left out of
 * everything.
 */
export function findProductive(network: Network): Productivity {
  const readable = network.sets.map(isReadable);
  const live = backwards(network, (set) => readable[set]);
  const empty = backwards(network, () => false);
  return { live, nullable: Uint8Array.from(network.entries, (entry) => empty[entry]) };
}

/**
 * [states], 1 where the end of the frame can be reached, as a worklist from the ends.
 * @param passable whether a set may be read
 */
function backwards(network: Network, passable: (set: number) => boolean): Uint8Array {
  const { kinds, next, operand, entries } = network;
  const reached = new Uint8Array(kinds.length);
  const into: number[][] = kinds.map(() => []);
  const callers: number[][] = entries.map(() => []);
  const frameOf = new Map(entries.map((entry, frame) => [entry, frame]));
  const work: number[] = [];
  for (const [state, kind] of kinds.entries()) {
    if (kind === 'end') work.push(state);
    else if (kind === 'fork') {
      into[next[state]].push(state);
      if (operand[state] >= 0) into[operand[state]].push(state);
    } else if (kind === 'call') {
      into[next[state]].push(state);
      callers[operand[state]].push(state);
    } else if (passable(operand[state])) into[next[state]].push(state);
  }
  while (work.length > 0) {
    const state = work.pop()!;
    const passes =
      kinds[state] !== 'call' ||
      (reached[next[state]] === 1 && reached[entries[operand[state]]] === 1);
    if (reached[state] === 1 || !passes) continue;
    reached[state] = 1;
    for (const before of into[state]) work.push(before);
    const frame = frameOf.get(state);
    if (frame !== undefined) for (const caller of callers[frame]) work.push(caller);
  }
  return reached;
}
