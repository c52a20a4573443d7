import type { Formula } from '../formula/formula.js';
import { fromBytes } from '../formula/word-list.js';
import { listNumbers } from '../numbers/count-numbers.js';
import type { Kind } from '../schema/kind.js';
import { canonicalOfValue } from './frames.js';
import { JsonMachine } from './json-machine.js';
import type { JsonState } from './json-state.js';
import type { Satisfiability } from './satisfiability.js';

export type Holder = Extract<Kind, 'array' | 'object'>;

/** More values are many. */
const maxValues = 16;
/** States that are visited. If that does not decide, there are many values. */
const maxVisited = 2_000;
const syntax = { whitespace: 'none', spelling: 'any', maxDepth: 100 } as const;

/**
 * All arrays or objects that satisfy a formula, by their canonical text; undefined if there are
 * many.
 */
export function fewValues(
  values: Satisfiability,
  formula: Formula,
  kind: Holder,
): ReadonlyMap<string, unknown> | undefined {
  const machine = new JsonMachine(values, formula, syntax);
  const found = new Map<string, unknown>();
  const first = kind === 'array' ? '[' : '{';
  const start = after(machine, machine.start(), first);
  const left: { readonly text: string; readonly state: JsonState }[] = [];
  if (start) left.push({ text: first, state: start });
  for (let visited = 0; left.length > 0; visited++) {
    const { text, state } = left.pop()!;
    if (machine.canEnd(state)) {
      const value: unknown = JSON.parse(text);
      found.set(canonicalOfValue(value), value);
      if (found.size > maxValues) return undefined;
      continue;
    }
    const ways = waysOn(values, state);
    if (!ways || visited > maxVisited) return undefined;
    for (const way of ways) {
      const next = after(machine, state, way);
      if (next) left.push({ text: text + way, state: next });
    }
  }
  return found;
}

/** Texts that may come next, and a few more; undefined if there are many. */
function waysOn(values: Satisfiability, state: JsonState): readonly string[] | undefined {
  switch (state.at) {
    case 'value': {
      const goal = state.start?.goal;
      const begin = (kind: Kind) => goal && values.canBegin(goal, kind) && values.begin(goal, kind);
      const strings = begin('string');
      const numbers = begin('number');
      const someStrings = strings ? values.strings.list(strings, maxValues) : [];
      const someNumbers = numbers ? listNumbers(values.numbers, numbers, maxValues) : [];
      if (!someStrings || !someNumbers) return undefined;
      return [
        ...['[', '{', ']', 'null', 'true', 'false'],
        ...someStrings.map(spelled),
        ...someNumbers.map((number) => JSON.stringify(number)),
      ];
    }
    case 'name': {
      const { frame } = state;
      const names = values.objects.names(frame.obligations.goal, frame.members!);
      const someNames = values.strings.list(names, maxValues);
      return someNames && ['}', ...someNames.map(spelled)];
    }
    case 'colon':
      return [':'];
    case 'number':
    case 'next':
      return [',', ']', '}'];
    default:
      return undefined;
  }
}

function spelled(bytes: string): string {
  return JSON.stringify(fromBytes(bytes));
}

function after(machine: JsonMachine, from: JsonState | undefined, text: string) {
  let state = from;
  for (const byte of Buffer.from(text)) state &&= machine.step(state, byte);
  return state;
}
