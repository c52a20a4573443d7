import type { NumberState, NumberTracker } from '../numbers/number-tracker.js';
import type { Frame, NumberText } from './json-state.js';
import type { Obligations } from './obligations.js';

/**
 * Before the first byte of a number. @param trackers one for each way in which it can be right,
 * none empty
 */
export function beginNumber(
  frame: Frame | undefined,
  obligations: Obligations,
  trackers: readonly NumberTracker[],
): NumberText {
  const states = trackers.map((tracker) => tracker.start()!);
  return { at: 'number', frame, obligations, text: '', trackers, states, finished: null };
}

/** The number with one more byte, followed by the trackers that take it; undefined if none does. */
export function stepNumber(state: NumberText, byte: number): NumberText | undefined {
  const trackers: NumberTracker[] = [];
  const states: NumberState[] = [];
  for (const [i, tracker] of state.trackers.entries()) {
    const next = tracker.step(state.states[i], byte);
    if (next === undefined) continue;
    trackers.push(tracker);
    states.push(next);
  }
  if (trackers.length === 0) return undefined;
  const text = state.text + String.fromCharCode(byte);
  return { ...state, text, trackers, states, finished: undefined };
}
