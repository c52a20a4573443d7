import { atLeast, atMost } from '../formula/counted-atoms.js';
import { always, type Formula, type Formulas, never } from '../formula/formula.js';
import type { Characters } from '../formula/string-graph.js';
import { fromBytes } from '../formula/word-list.js';
import { stepWords } from '../formula/words.js';
import { countStrings, listStrings } from './count-strings.js';
import { shortestString } from './shortest-string.js';
import { characterClasses } from './string-characters.js';
import { StringSearch } from './string-search.js';

/** Formulas about strings, over the bytes of their text. */
export class StringRules implements Characters {
  readonly #search: StringSearch;

  constructor(readonly formulas: Formulas) {
    this.#search = new StringSearch(formulas, this);
  }

  /** The formula left after one more byte. */
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
          // The same beginning is one formula, whatever else is asked.
          return same === formula ? stepWords(formulas, atom.words, byte) : this.step(same, byte);
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
    return this.#search.isViable(formula);
  }

  /**
   * Few characters, as bytes, after which the string may end; undefined if a bounded search finds
   * none.
   */
  shortest(formula: Formula): string | undefined {
    return shortestString(this, this.#search, formula);
  }

  /**
   * How many strings satisfy the formula; `most` where they are as many, or where it takes long to
   * find out.
   */
  count(formula: Formula, most: number): number {
    return countStrings(this, formula, most);
  }

  /** The strings that satisfy the formula, as bytes; undefined if there are more than `most`. */
  list(formula: Formula, most: number): readonly string[] | undefined {
    return listStrings(this, formula, most);
  }

  mayEnd(formula: Formula): boolean {
    return this.#end(formula, (_, same) => same) !== never;
  }

  after(formula: Formula): readonly Formula[] {
    const next = new Set<Formula>();
    for (const { character } of characterClasses(formula))
      next.add(this.stepAll(formula, character));
    return [...next];
  }
}
