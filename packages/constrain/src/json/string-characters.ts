import type { Utf8Node } from '../regex/alphabet.js';
import type { Atom } from './atoms.js';
import type { Formula } from './formula.js';
import { charactersOf } from './words.js';

/** Stand for all the characters that nothing tells apart. */
const plain = ['a', 'é'];

/**
 * One character, as bytes, of each sort that the atoms of a formula tell apart; the rest of one where the text ends inside of it.
 */
export function nextCharacters(formula: Formula): readonly string[] {
  const atoms = [...new Set(atomsOf(formula))];
  const alphabets = new Set<Utf8Node>();
  const characters = new Set<string>();
  let isInside = false;
  for (const atom of atoms) {
    if (atom.type === 'pattern') {
      alphabets.add(atom.state.within);
      isInside ||= atom.state.before !== undefined;
    } else if (atom.type === 'words') {
      for (const character of charactersOf(atom.words)) characters.add(character);
    }
  }
  if (alphabets.size > 0) for (const sort of sortsOf([...alphabets])) characters.add(sort);
  else for (const character of plain) characters.add(character);
  return isInside ? [...characters].filter(isContinuation) : [...characters];
}

function* atomsOf(formula: Formula): Iterable<Atom> {
  if (formula.atom) yield formula.atom;
  for (const part of formula.parts) yield* atomsOf(part);
}

function isContinuation(character: string): boolean {
  const code = character.charCodeAt(0);
  return code >= 0x80 && code < 0xc0;
}

const known = new WeakMap<Utf8Node, { alphabets: readonly Utf8Node[]; sorts: string[] }[]>();

/** One character of each combination of classes of several alphabets. */
function sortsOf(alphabets: readonly Utf8Node[]): readonly string[] {
  const ofFirst = known.get(alphabets[0]) ?? [];
  const same = ofFirst.find(
    (entry) =>
      entry.alphabets.length === alphabets.length &&
      entry.alphabets.every((alphabet, i) => alphabet === alphabets[i]),
  );
  if (same) return same.sorts;
  const sorts = findSorts(alphabets);
  ofFirst.push({ alphabets, sorts });
  known.set(alphabets[0], ofFirst);
  return sorts;
}

function findSorts(alphabets: readonly Utf8Node[]): string[] {
  const found = new Map<string, string>();
  const ids = new Map<Utf8Node, number>();
  const id = (node: Utf8Node) => {
    if (!ids.has(node)) ids.set(node, ids.size);
    return ids.get(node);
  };
  const visited = new Set<string>();
  const visit = (nodes: readonly Utf8Node[], prefix: string) => {
    const first = nodes[0].children.length === 64 ? 0x80 : 0;
    for (let i = 0; i < nodes[0].children.length; i++) {
      const children = nodes.map(({ children }) => children[i]);
      const bytes = prefix + String.fromCharCode(first + i);
      if (children.every((child) => typeof child === 'number')) {
        const key = children.join();
        if (!found.has(key)) found.set(key, bytes);
      } else if (children.every((child) => typeof child === 'object')) {
        const key = children.map(id).join();
        if (visited.has(key)) continue;
        visited.add(key);
        visit(children, bytes);
      }
    }
  };
  // Inside of a character all alphabets are, with as many bytes to come.
  const roots = alphabets.filter(({ children }) => children.length === 256);
  visit(roots.length === 0 || roots.length === alphabets.length ? alphabets : roots, '');
  return [...found.values()];
}
