import { always } from '../formula/formula.js';
import { inText } from '../strings/string-place.js';
import type { JsonMachine } from './json-machine.js';
import type { JsonState, StringText } from './json-state.js';

/** Bytes that are looked ahead at most. */
const maxForced = 256;
const nothing = new Uint8Array(0);

const quote = 0x22;
const backslash = 0x5c;
const blanks = [0x20, 0x0a, 0x0d, 0x09];
const digits = Array.from('0123456789', (digit) => digit.charCodeAt(0));
const valueStarts = [...Array.from('"{[tfn-]', (c) => c.charCodeAt(0)), ...digits, ...blanks];
const numberParts = [...Array.from('+-.eE,]}', (c) => c.charCodeAt(0)), ...digits, ...blanks];
const nextParts = [...Array.from(',]}', (c) => c.charCodeAt(0)), ...blanks];
const nameStarts = [...Array.from('"}', (c) => c.charCodeAt(0)), ...blanks];
/** Bytes of strings. If two of them are right, that is found soon. */
const plain = Array.from({ length: 0xf5 - 0x20 }, (_, i) => 0x20 + i);
const colonParts = [0x3a, ...blanks];

/** The bytes that every text goes on with, at most 256 of them. */
export function forcedBytes(machine: JsonMachine, from: JsonState): Uint8Array {
  const forced: number[] = [];
  let state = from;
  while (forced.length < maxForced && !machine.canEnd(state)) {
    let only: { readonly byte: number; readonly state: JsonState } | undefined;
    let count = 0;
    for (const byte of candidates(machine, state)) {
      const next = machine.step(state, byte);
      if (next === undefined) continue;
      only = { byte, state: next };
      if (++count > 1) break;
    }
    if (count !== 1 || !only) break;
    forced.push(only.byte);
    state = only.state;
  }
  return forced.length > 0 ? Uint8Array.from(forced) : nothing;
}

/** Bytes that may come next, with a few too many; none if more than one is known to be right. */
function candidates(machine: JsonMachine, state: JsonState): readonly number[] {
  switch (state.at) {
    case 'value':
      return valueStarts;
    case 'word':
      return [state.kind.charCodeAt(state.length)];
    case 'number':
      return numberParts;
    case 'string':
      // If other escapes are allowed, no byte is the only way.
      return machine.syntax.spelling === 'canonical' ? inString(state) : [];
    case 'name':
      return nameStarts;
    case 'colon':
      return colonParts;
    case 'next':
      return nextParts;
    case 'end':
      return [];
  }
}

function inString({ place, obligations: { goal } }: StringText): readonly number[] {
  if (place !== inText) return [];
  const atoms = (goal.op === 'and' ? goal.parts : [goal]).map(({ atom }) => atom);
  const words = atoms.find((atom) => atom?.type === 'words');
  if (words?.type !== 'words') return goal === always ? [] : plain;
  const { ends, others } = words.words;
  if (others) return [];
  const next = words.words
    .nextBytes()
    .map((byte) => (byte < 0x20 || byte === 0x22 || byte === 0x7f ? backslash : byte));
  return ends ? [quote, ...next] : next;
}
