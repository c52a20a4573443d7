import { buildAlphabet, type Utf8Node } from '../../regex/automaton/alphabet.js';
import { lastCodePoint } from '../../regex/syntax/char-set.js';
import type { Atom } from '../formula/atoms.js';
import type { Formula } from '../formula/formula.js';
import { charactersOf, type Words } from '../formula/words.js';
import { sortsOf } from './character-sorts.js';

/** The characters after which nothing differs. */
export interface CharacterClass {
  /** One of them, as bytes; the rest of one where the text ends inside it. */
  readonly character: string;
  /** How many there are. */
  readonly size: number;
  /** All of them. */
  members(): Iterable<string>;
}

const noOverlap = () => {
  throw new RangeError('no set overlaps');
};
/** Tells no character apart. */
const unicode = buildAlphabet([], noOverlap).root;
/** Tells the characters apart that are two UTF-16 units. */
const units = buildAlphabet([[0x10000, lastCodePoint]], noOverlap).root;

/**
 * The characters that may come next, in classes that nothing in the formula tells apart: those that
 * no word goes on with, by the sorts that the patterns tell apart, then each with which words go
 * on.
 */
export function* characterClasses(formula: Formula): Iterable<CharacterClass> {
  const alphabets = new Set<Utf8Node>();
  const words = new Set<Words>();
  for (const atom of atomsOf(formula))
    if (atom.type === 'pattern') alphabets.add(atom.state.within);
    else if (atom.type === 'words') words.add(atom.words);
    // Inside a character, its units are counted already.
    else if ('inUnits' in atom && atom.inUnits && !isInside(formula)) alphabets.add(units);
  const own = new Set<string>();
  for (const list of words) for (const character of charactersOf(list)) own.add(character);
  const { sizes, membersOf, sortOf } = sortsOf(
    alphabets.size > 0 ? [...alphabets] : [placeOf(words)],
  );
  const left = [...sizes];
  for (const character of own) left[sortOf(character)]--;
  for (const [sort, size] of left.entries())
    if (size > 0) {
      const members = () => without(membersOf(sort), own);
      const [character] = members();
      yield { character, size, members };
    }
  for (const character of own) yield { character, size: 1, members: () => [character] };
}

/** Whether a formula speaks of single words. */
export function hasWords({ atom, parts }: Formula): boolean {
  return atom?.type === 'words' || parts.some(hasWords);
}

/** Whether the text ends inside a character. */
export function isInside(formula: Formula): boolean {
  for (const atom of atomsOf(formula)) {
    if (atom.type === 'pattern') return atom.state.before !== undefined;
    if (atom.type === 'words') return atom.words.begun !== '';
  }
  return false;
}

function* atomsOf(formula: Formula): Iterable<Atom> {
  if (formula.atom) yield formula.atom;
  for (const part of formula.parts) yield* atomsOf(part);
}

function* without(characters: Iterable<string>, left: ReadonlySet<string>): Iterable<string> {
  for (const character of characters) if (!left.has(character)) yield character;
}

/** Inside a character of a word, nothing else is known about the place. */
function placeOf(words: ReadonlySet<Words>): Utf8Node {
  const [first] = words;
  let at = unicode;
  for (let i = 0; first && i < first.begun.length; i++) {
    const offset = at === unicode ? 0 : 0x80;
    at = at.children[first.begun.charCodeAt(i) - offset] as Utf8Node;
  }
  return at;
}
