import type { Formula } from '../formula/formula.js';
import { toBytes } from '../formula/word-list.js';
import { inText } from '../strings/string-place.js';
import type { JsonMachine } from './json-machine.js';
import type { JsonState, StringText } from './json-state.js';

const maxLength = 4_096;
const maxSteps = 20_000;
/** Digits of a number that are looked ahead. */
const maxDigits = 3;
const blank = 0x20;
const quote = 0x22;
const backslash = 0x5c;
const codes = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
const closing = codes('}]');
const afterNumber = codes('}],');
const digits = codes('0123456789.eE-+');
/** Short values come first; values that may nest come last. */
const starts = codes(']"0123456789-ntf[{');
const inEscape = codes('"n\\/bfrtu0123456789abcdefABCDEF');

/**
 * A short way to an end: what is open is closed as soon as that is valid, with the members that are
 * required and short values. Undefined if none is found within 4,096 bytes.
 */
export function jsonCompletion(machine: JsonMachine, from: JsonState): Uint8Array | undefined {
  // If alternatives require different members, one of them may go on forever.
  return complete(machine, from, false) ?? complete(machine, from, true);
}

function complete(
  machine: JsonMachine,
  from: JsonState,
  lastFirst: boolean,
): Uint8Array | undefined {
  const bytes: number[] = [];
  let state = from;
  for (let steps = 0; !machine.canEnd(state); steps++) {
    if (bytes.length > maxLength || steps > maxSteps) return undefined;
    const ways = waysOn(machine, state, lastFirst);
    const taken = firstTaken(machine, state, ways) ?? firstTaken(machine, state, [[blank]]);
    if (!taken) return undefined;
    bytes.push(...taken.way);
    state = taken.state;
  }
  return Uint8Array.from(bytes);
}

function firstTaken(machine: JsonMachine, from: JsonState, ways: Iterable<readonly number[]>) {
  for (const way of ways) {
    let state: JsonState | undefined = from;
    for (let i = 0; i < way.length && state; i++) state = machine.step(state, way[i]);
    if (state && way.length > 0) return { way, state };
  }
  return undefined;
}

/** Ways to try next, best first. */
function waysOn(machine: JsonMachine, state: JsonState, lastFirst: boolean): Iterable<number[]> {
  const each = (bytes: readonly number[]) => bytes.map((byte) => [byte]);
  switch (state.at) {
    case 'value':
      return each(starts);
    case 'word':
      return [codes(state.kind.slice(state.length))];
    case 'number':
      return inNumber(machine, state);
    case 'string':
      return inString(machine, state);
    case 'name':
      return [...each(closing), ...namesOf(state.frame.obligations.goal, lastFirst), [quote]];
    case 'colon':
      return [[0x3a]];
    case 'next':
      return [...each(closing), [0x2c]];
    case 'end':
      return [];
  }
}

function* inNumber(machine: JsonMachine, from: JsonState): Iterable<number[]> {
  for (const byte of afterNumber) yield [byte];
  // Every digit may be wrong: between 1 and 2, both excluded, only '.' can follow the 1.
  let open: { readonly way: number[]; readonly state: JsonState }[] = [{ way: [], state: from }];
  for (let length = 1; length <= maxDigits; length++) {
    const longer: typeof open = [];
    for (const { way, state } of open)
      for (const digit of digits) {
        const next = machine.step(state, digit);
        if (!next) continue;
        longer.push({ way: [...way, digit], state: next });
        if (machine.canEnd(next) || afterNumber.some((byte) => machine.step(next, byte)))
          yield [...way, digit];
      }
    open = longer;
  }
  for (const digit of ['.', ...'0123456789eE-+']) yield codes(digit);
}

function inString(machine: JsonMachine, { place, obligations: { goal } }: StringText): number[][] {
  if (place.in === 'character')
    return Array.from({ length: place.high - place.low + 1 }, (_, i) => [place.low + i]);
  if (place.in === 'pair') return [[backslash]];
  if (place !== inText) return inEscape.map((byte) => [byte]);
  const rest = machine.values.strings.shortest(goal);
  return rest === undefined ? [[quote]] : [[...spelled(rest), quote], spelled(rest)];
}

/** Members that are asked for, each name between quotes. */
function namesOf(goal: Formula, lastFirst: boolean): number[][] {
  const names = new Set<string>();
  const collect = ({ atom, parts }: Formula) => {
    if (atom?.type === 'required') for (const name of atom.names) names.add(name);
    for (const part of parts) collect(part);
  };
  collect(goal);
  const ways = [...names].map((name) => [quote, ...spelled(toBytes(name)), quote]);
  return lastFirst ? ways.reverse() : ways;
}

/** Bytes as they stand between quotes. */
function spelled(bytes: string): number[] {
  return codes(bytes).flatMap((byte) => {
    if (byte >= 0x80) return [byte];
    if (byte === 0x7f) return codes('\\u007f');
    return codes(JSON.stringify(String.fromCharCode(byte)).slice(1, -1));
  });
}
