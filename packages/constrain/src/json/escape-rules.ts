import { always, type Formula, never } from './formula.js';
import { nextCharacters } from './string-characters.js';
import { canEscape, escapeRange, type Spelling, type StringPlace } from './string-place.js';
import type { StringRules } from './string-rules.js';
import { fromBytes } from './word-list.js';

/** Which escapes that have begun can become a character that leads on. */
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
      return nextCharacters(goal).some((character) => {
        const codePoint = fromBytes(character).codePointAt(0)!;
        if (!canEscape(place, codePoint, this.spelling)) return false;
        return this.strings.isViable(this.strings.stepAll(goal, character));
      });
    const [first, last] = escapeRange(place);
    for (let codePoint = first; codePoint <= last; codePoint++) {
      if (codePoint >= 0xd800 && codePoint < 0xe000) {
        // Half of a pair: which characters it begins is looked at once it is whole.
        if (codePoint < 0xdc00) return true;
        continue;
      }
      if (!canEscape(place, codePoint, this.spelling)) continue;
      if (this.#leadsOn(goal, codePoint)) return true;
    }
    return false;
  }

  #leadsOn(goal: Formula, codePoint: number): boolean {
    const { strings } = this;
    const next = (formula: Formula, byte: number) =>
      formula === never ? never : strings.step(formula, byte);
    let at = goal;
    if (codePoint < 0x80) at = next(at, codePoint);
    else if (codePoint < 0x800)
      at = next(next(at, 0xc0 | (codePoint >> 6)), 0x80 | (codePoint & 0x3f));
    else {
      if (codePoint < 0x10000) at = next(at, 0xe0 | (codePoint >> 12));
      else at = next(next(at, 0xf0 | (codePoint >> 18)), 0x80 | ((codePoint >> 12) & 0x3f));
      at = next(next(at, 0x80 | ((codePoint >> 6) & 0x3f)), 0x80 | (codePoint & 0x3f));
    }
    return strings.isViable(at);
  }
}

/** Whether only words of a list are right. */
function hasFewWords(goal: Formula): boolean {
  return (goal.op === 'and' ? goal.parts : [goal]).some(
    ({ atom }) => atom?.type === 'words' && !atom.list.others,
  );
}
