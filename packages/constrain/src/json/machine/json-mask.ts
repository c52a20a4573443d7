import { emptyMask, walkTrie } from '../../contract/token-mask.js';
import type { TokenTrie } from '../../contract/token-trie.js';
import { always, type Formula, never } from '../formula/formula.js';
import { inText } from '../strings/string-place.js';
import { type StringVocabulary, stringVocabulary } from '../strings/string-vocabulary.js';
import type { JsonMachine } from './json-machine.js';
import type { JsonState, StringText } from './json-state.js';
import { allLeft, keyOfLeft } from './obligations.js';

/** Equal for states with the same tokens, as far as that is seen at once. */
export function maskKey(state: JsonState): string {
  if (state.at === 'end') return 'end';
  const frame = state.frame?.id ?? 0;
  switch (state.at) {
    case 'value':
    case 'name':
      return `${state.at} ${frame} ${state.gap} ${state.blanks}`;
    case 'colon':
    case 'next':
      return `${state.at} ${frame} ${state.blanks}`;
    case 'word':
      return `${state.kind} ${frame} ${state.length} ${keyOfLeft(state.obligations)}`;
    case 'number':
      return `number ${frame} ${state.text} ${keyOfLeft(state.obligations)}`;
    case 'string': {
      const text =
        allLeft(state.obligations).every(isAlways) && goesOnAlike(state) ? '' : state.text;
      const sort = state.isName ? 'name of' : 'string';
      return `${sort} ${frame} ${keyOfLeft(state.obligations)} ${JSON.stringify(state.place)} ${text}`;
    }
  }
}

/**
 * Whether what follows is the same for all strings that satisfy all formulas whatever they become.
 */
function goesOnAlike({ isName, frame, obligations }: StringText): boolean {
  // A part of an item of its own must not make the item equal to another.
  if (frame?.collects) return false;
  return isName
    ? !allLeft(frame!.obligations).some(hasPatterns)
    : allLeft(obligations).every(isAlways);
}

function isAlways(formula: Formula): boolean {
  return formula === always;
}

function hasPatterns({ atom, parts }: Formula): boolean {
  if (atom?.type === 'properties') return atom.rule.patterns.length > 0;
  return atom?.type === 'propertyNames' || parts.some(hasPatterns);
}

/** The tokens that may follow. */
export function jsonMask(machine: JsonMachine, state: JsonState, trie: TokenTrie): Uint32Array {
  if (state.at === 'string' && state.place === inText) return stringMask(machine, state, trie);
  const mask = emptyMask(trie);
  if (state.at !== 'end')
    walkTrie<JsonState>(trie, state, mask, (from, byte) => machine.step(from, byte));
  return mask;
}

function stringMask(machine: JsonMachine, state: StringText, trie: TokenTrie): Uint32Array {
  const vocabulary = stringVocabulary(trie, machine.syntax.spelling);
  const most = mostCharacters(state.obligations.goal);
  if (most === undefined) {
    const mask = emptyMask(trie);
    walkString(machine, state, trie, vocabulary, mask, false);
    return mask;
  }
  const { plain } = vocabulary;
  const mask = plain[Math.min(most, plain.length - 1)].slice();
  walkString(machine, state, trie, vocabulary, mask, true);
  return mask;
}

/**
 * Characters that may still come where their number is all that matters; undefined if it is not.
 */
function mostCharacters(goal: Formula): number | undefined {
  if (goal === always || hasOtherWords(goal)) return Number.POSITIVE_INFINITY;
  let most = Number.POSITIVE_INFINITY;
  for (const { atom } of goal.op === 'and' ? goal.parts : [goal])
    if (atom?.type === 'atMost' && !atom.inUnits) most = Math.min(most, atom.left);
    else if (atom?.type !== 'atLeast' && atom?.type !== 'check' && atom?.type !== 'late')
      return undefined;
  return most;
}

/** Whether every beginning can become a string that is none of some words. */
function hasOtherWords({ op, atom, parts }: Formula): boolean {
  if (op === 'not') return parts[0].atom?.type === 'words' && !parts[0].atom.words.others;
  return atom?.type === 'words' && atom.words.others;
}

/**
 * Sets the tokens that go on from inside a string. Plain characters only ask the formula; where a
 * quote or an escape comes, the machine goes on.
 * @param onlySpecial leaves out tokens of plain characters, which are known
 */
function walkString(
  machine: JsonMachine,
  state: StringText,
  trie: TokenTrie,
  { ways, hasSpecial }: StringVocabulary,
  mask: Uint32Array,
  onlySpecial: boolean,
): void {
  const { strings } = machine.values;
  const { byte, depth, next, tokensFrom, tokens } = trie;
  const goals: Formula[] = [state.obligations.goal];
  const isFree = goesOnAlike(state);
  let shared: StringText | undefined;
  const path: number[] = [];
  for (let node = 1; node < byte.length; ) {
    const above = depth[node] - 1;
    if (ways[node] === 0 || (onlySpecial && hasSpecial[node] === 0)) {
      node = next[node];
      continue;
    }
    if (ways[node] === 2) {
      const isShared = isFree && goals[above] === always;
      const from =
        (isShared && shared) ||
        machine.strings.afterPlain(state, String.fromCharCode(...path.slice(0, above)));
      if (isShared) shared = from;
      if (from) walkBelow(machine, from, trie, node, mask);
      node = next[node];
      continue;
    }
    const goal = strings.step(goals[above], byte[node]);
    if (goal === never || !strings.isViable(goal)) {
      node = next[node];
      continue;
    }
    goals[above + 1] = goal;
    path[above] = byte[node];
    for (let at = tokensFrom[node]; !onlySpecial && at < tokensFrom[node + 1]; at++)
      mask[tokens[at] >>> 5] |= 1 << (tokens[at] & 31);
    node++;
  }
}

/** Sets the tokens that end at `top` or below. @param before the state above `top` */
function walkBelow(
  machine: JsonMachine,
  before: JsonState,
  { byte, depth, next, tokensFrom, tokens }: TokenTrie,
  top: number,
  mask: Uint32Array,
): void {
  const base = depth[top] - 1;
  const states = [before];
  for (let node = top; node < next[top]; ) {
    const after = machine.step(states[depth[node] - 1 - base], byte[node]);
    if (after === undefined) {
      node = next[node];
      continue;
    }
    states[depth[node] - base] = after;
    for (let at = tokensFrom[node]; at < tokensFrom[node + 1]; at++)
      mask[tokens[at] >>> 5] |= 1 << (tokens[at] & 31);
    node++;
  }
}
