import type { Formula } from '../formula/formula.js';
import type { NumberRules } from './number-rules.js';

/** More numbers are not counted. */
const maxCounted = 32;
const bytes = Array.from('0123456789.-e', (character) => character.charCodeAt(0));

/** How many numbers satisfy a formula; `most` where they are as many, or many. */
export function countNumbers(rules: NumberRules, goal: Formula, most: number): number {
  return listNumbers(rules, goal, Math.min(most - 1, maxCounted))?.length ?? most;
}

/** The numbers that satisfy a formula; undefined if there are more than `most`. */
export function listNumbers(
  rules: NumberRules,
  goal: Formula,
  most: number,
): readonly number[] | undefined {
  const { formulas } = rules;
  const found: number[] = [];
  while (found.length <= most) {
    const number = someNumber(rules, formulas.and([goal, formulas.not(rules.oneOf(found))]));
    if (number === undefined) return found;
    // A value left out only at the number's end would be found again and again.
    if (found.includes(number)) return undefined;
    found.push(number);
  }
  return undefined;
}

function someNumber(rules: NumberRules, goal: Formula): number | undefined {
  const [tracker] = rules.trackers(goal);
  let state = tracker?.start();
  let text = '';
  while (state && !tracker.canEnd(state)) {
    const from = state;
    const byte = bytes.find((next) => tracker.step(from, next));
    if (byte === undefined) return undefined;
    state = tracker.step(from, byte);
    text += String.fromCharCode(byte);
  }
  return state && Number(text);
}
