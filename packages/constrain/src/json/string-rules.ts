import { atLeast, atMost } from './counted-atoms.js';
import { always, type Formula, type Formulas, never } from './formula.js';
import { nextCharacters } from './string-characters.js';
import { fromBytes } from './word-list.js';
import { stepWords } from './words.js';

/** Formulas that one search visits. What is not decided by then counts as possible. */
const maxVisited = 3_000;

interface Step {
  readonly from: Formula;
  readonly character: string;
}

/** Formulas about strings, over the bytes of their text. */
export class StringRules {
  constructor(readonly formulas: Formulas) {}

  /** What is left after one more byte. */
  step(formula: Formula, byte: number): Formula {
    if (formula === always || formula === never) return formula;
    if (formula.lastByte === byte) return formula.lastStep!;
    const known = formula.steps?.[byte];
    if (known) return known;
    const next = this.#step(formula, byte);
    if (formula.lastByte < 0) {
      formula.lastByte = byte;
      formula.lastStep = next;
    } else {
      formula.steps ??= [];
      formula.steps[byte] = next;
    }
    return next;
  }

  stepAll(formula: Formula, bytes: string): Formula {
    let at = formula;
    for (let i = 0; i < bytes.length && at !== never && at !== always; i++)
      at = this.step(at, bytes.charCodeAt(i));
    return at;
  }

  #step(formula: Formula, byte: number): Formula {
    const { formulas } = this;
    const characters = byte < 0x80 || byte >= 0xc0 ? 1 : 0;
    // Characters beyond U+FFFF are two UTF-16 units.
    const units = byte >= 0xf0 ? 2 : characters;
    return formulas.map(formula, (atom, same) => {
      switch (atom.type) {
        case 'atLeast':
          if (characters === 0) return same;
          return atom.inUnits
            ? atLeast(formulas, atom.left - units, true)
            : atLeast(formulas, atom.left - 1);
        case 'atMost':
          if (characters === 0) return same;
          return atom.inUnits
            ? atMost(formulas, atom.left - units, true)
            : atMost(formulas, atom.left - 1);
        case 'pattern':
          return atom.pattern.step(formulas, atom.state, byte);
        case 'words':
          return stepWords(formulas, atom.words, byte);
        default:
          return same;
      }
    });
  }

  /**
   * Always or never (or late), where the string ends.
   * @param bytes the whole string, where a check asks for it
   */
  end(formula: Formula, bytes: string): Formula {
    if (formula === always || formula === never) return formula;
    return this.#end(formula, (check) => (check(fromBytes(bytes)) ? always : never));
  }

  #end(
    formula: Formula,
    judge: (check: (text: string) => boolean, formula: Formula) => Formula,
  ): Formula {
    return this.formulas.map(formula, (atom, same) => {
      switch (atom.type) {
        case 'atLeast':
          return never;
        case 'atMost':
          return always;
        case 'pattern':
          return atom.state.accepting ? always : never;
        case 'words':
          return atom.words.ends ? always : never;
        case 'check':
          return judge(atom.check, same);
        default:
          return same;
      }
    });
  }

  /** Whether some continuation satisfies the formula, as far as a bounded search can tell. */
  isViable(formula: Formula): boolean {
    if (formula.viable !== undefined) return formula.viable;
    const viable = this.#obviously(formula) ?? this.#search(formula);
    formula.viable = viable;
    return viable;
  }

  #obviously(formula: Formula): boolean | undefined {
    switch (formula.op) {
      case 'always':
        return true;
      case 'never':
        return false;
      // Atoms that no continuation satisfies do not exist.
      case 'atom':
        return true;
      case 'or':
        return formula.parts.some((part) => this.#obviously(part) === true) || undefined;
      case 'and':
        return this.#areBounds(formula.parts);
      case 'not': {
        const type = formula.parts[0].atom?.type;
        return type === 'words' || type === 'atLeast' || type === 'atMost' || undefined;
      }
      default:
        return undefined;
    }
  }

  /** Of lengths, which may be too large to search, or of a single other atom. */
  #areBounds(parts: readonly Formula[]): boolean | undefined {
    let least = 0;
    let most = Number.POSITIVE_INFINITY;
    const others: Formula[] = [];
    for (const part of parts) {
      const { atom } = part;
      if (atom?.type === 'atLeast') least = Math.max(least, atom.left);
      else if (atom?.type === 'atMost') most = Math.min(most, atom.left);
      else if (atom?.type !== 'check' && atom?.type !== 'late') others.push(part);
    }
    if (least > most) return false;
    if (others.length === 0) return true;
    const isFree = least === 0 && most === Number.POSITIVE_INFINITY;
    return isFree && others.length === 1 ? this.#obviously(others[0]) : undefined;
  }

  /** Breadth first over whole characters, one of each sort that the formula tells apart. */
  #search(from: Formula): boolean {
    const before = new Map<Formula, Step | undefined>([[from, undefined]]);
    const queue = [from];
    for (let at = 0; at < queue.length; at++) {
      const formula = queue[at];
      if (formula.viable || this.#mayEnd(formula)) {
        for (let f: Formula | undefined = formula; f; f = before.get(f)?.from) f.viable = true;
        return true;
      }
      if (formula.viable === false) continue;
      if (queue.length > maxVisited) return true;
      this.#goOn(formula, before, queue);
    }
    // All that was reached is as hopeless.
    for (const formula of queue) formula.viable = false;
    return false;
  }

  /** Few characters, as bytes, after which the string may end; undefined where a bounded search finds none. */
  shortest(from: Formula): string | undefined {
    const before = new Map<Formula, Step | undefined>([[from, undefined]]);
    const queue = [from];
    for (let at = 0; at < queue.length && queue.length <= maxVisited; at++) {
      if (this.#mayEnd(queue[at])) {
        let bytes = '';
        for (let step = before.get(queue[at]); step; step = before.get(step.from))
          bytes = step.character + bytes;
        return bytes;
      }
      this.#goOn(queue[at], before, queue);
    }
    return undefined;
  }

  #goOn(formula: Formula, before: Map<Formula, Step | undefined>, queue: Formula[]): void {
    for (const character of nextCharacters(formula)) {
      const next = this.stepAll(formula, character);
      if (next === never || before.has(next)) continue;
      before.set(next, { from: formula, character });
      queue.push(next);
    }
  }

  #mayEnd(formula: Formula): boolean {
    return this.#end(formula, (_, same) => same) !== never;
  }
}
