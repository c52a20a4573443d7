import { always, type Formula, never } from '../formula/formula.js';
import { fromBytes } from '../formula/word-list.js';
import { characterClasses } from './string-characters.js';
import { canEscape, escapeRange, type Spelling, type StringPlace } from './string-place.js';
import type { StringRules } from './string-rules.js';

/** Decides which escapes that have begun can become an allowed character. */
export class EscapeRules {
  readonly #known = new WeakMap<Formula, Map<string, boolean>>();

  constructor(
    readonly strings: StringRules,
    readonly spelling: Spelling,
  ) {}

  isViable(goal: Formula, place: StringPlace): boolean {
    if (goal === always) return true;
    const known = this.#known.get(goal) ?? new Map<string, boolean>();
    this.#known.set(goal, known);
    const key = JSON.stringify(place);
    const viable = known.get(key) ?? this.#find(goal, place);
    known.set(key, viable);
    return viable;
  }

  #find(goal: Formula, place: StringPlace): boolean {
    if (hasFewWords(goal))
      return [...characterClasses(goal)].some(({ character }) => {
        const codePoint = fromBytes(character).codePointAt(0)!;
        if (!canEscape(place, codePoint, this.spelling)) return false;
        return this.strings.isViable(this.strings.stepAll(goal, character));
      });
    const [first, last] = escapeRange(place);
    if (this.spelling === 'canonical') {
      // Control characters only.
      for (let codePoint = first; codePoint <= Math.min(last, 0x7f); codePoint++)
        if (canEscape(place, codePoint, this.spelling) && this.#leadOn(goal, codePoint, codePoint))
          return true;
      return false;
    }
    if (this.#leadOn(goal, first, last)) return true;
    const isFirst = 'high' in place && place.high < 0;
    const high = Math.max(first, 0xd800);
    const highest = Math.min(last, 0xdbff);
    return isFirst && high <= highest && this.#leadOn(goal, astral(high), astral(highest + 1) - 1);
  }

  /** Whether some character from `first` to `last` leads on. */
  #leadOn(goal: Formula, first: number, last: number): boolean {
    const visit = (at: Formula, prefix: number, below: number): boolean => {
      const from = prefix << below;
      const to = ((prefix + 1) << below) - 1;
      if (at === never || from > last || to < first) return false;
      if (from >= first && to <= last) return this.strings.isViable(at);
      for (let bits = 0; bits < 64; bits++) {
        const next = this.strings.step(at, 0x80 | bits);
        if (visit(next, prefix * 64 + bits, below - 6)) return true;
      }
      return false;
    };
    return encodings.some(({ from, to, lead, below }) => {
      const end = Math.min(last, to) >> below;
      for (let bits = Math.max(first, from) >> below; bits <= end; bits++)
        if (visit(this.strings.step(goal, lead | bits), bits, below)) return true;
      return false;
    });
  }
}

/** How UTF-8 spells code points: the first byte, and how many bits follow. Surrogates are none. */
const encodings = [
  { from: 0, to: 0x7f, lead: 0, below: 0 },
  { from: 0x80, to: 0x7ff, lead: 0xc0, below: 6 },
  { from: 0x800, to: 0xd7ff, lead: 0xe0, below: 12 },
  { from: 0xe000, to: 0xffff, lead: 0xe0, below: 12 },
  { from: 0x10000, to: 0x10ffff, lead: 0xf0, below: 18 },
];

/** The first character that a high surrogate begins. */
function astral(high: number): number {
  return ((high - 0xd800) << 10) + 0x10000;
}

/** Whether only words of a list are right. */
function hasFewWords(goal: Formula): boolean {
  return (goal.op === 'and' ? goal.parts : [goal]).some(
    ({ atom }) => atom?.type === 'words' && !atom.words.others,
  );
}
