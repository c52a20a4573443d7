import type { SchemaFormulas } from '../compile/schema-formulas.js';
import { ArrayRules } from '../containers/array-rules.js';
import { markedWords } from '../containers/marked-words.js';
import { Members } from '../containers/members.js';
import { ObjectRules } from '../containers/object-rules.js';
import { conjunctions } from '../formula/conjunctions.js';
import { always, type Formula, type Formulas, never } from '../formula/formula.js';
import { demandsOf, spellOut } from '../formula/pending.js';
import { countNumbers } from '../numbers/count-numbers.js';
import type { NumberRules } from '../numbers/number-rules.js';
import { type Kind, kindIndex, kinds } from '../schema/kind.js';
import type { SeenItems } from '../sets/seen-items.js';
import { StringRules } from '../strings/string-rules.js';
import { allLeft, type Obligations, obligationsOf } from './obligations.js';
import { UsedValues } from './used-values.js';

/** Questions nested in a question whether a value exists; beyond, it counts as possible. */
const maxNesting = 400;
const maxQuestions = 200_000;

/** Formulas about values that have not begun, and which of them some value satisfies. */
export class Satisfiability {
  readonly strings: StringRules;
  readonly objects: ObjectRules;
  readonly arrays: ArrayRules;
  /** Questions being answered, by formula and kind: with their nesting. */
  readonly #open = new Map<string, number>();
  /** The least nesting of an open question that an answer relied on. */
  #relied = Number.POSITIVE_INFINITY;
  #questions = 0;
  /** How many values were found, of `most` that were looked for. */
  readonly #counts = new WeakMap<Formula, { readonly count: number; readonly most: number }>();
  readonly #used: UsedValues;
  #noMembers = Members.none();

  constructor(
    readonly formulas: Formulas,
    readonly schemas: SchemaFormulas,
    readonly numbers: NumberRules,
    order: 'any' | 'schema',
  ) {
    this.strings = new StringRules(formulas);
    this.#used = new UsedValues(this);
    const judge = {
      formulas,
      strings: this.strings,
      isOrdered: order === 'schema',
      isSatisfiable: (value: Formula) => this.isSatisfiable(value),
      count: (value: Formula, most: number) => this.count(value, most),
      isAsking: () => this.isAsking,
    };
    this.objects = new ObjectRules(judge);
    this.arrays = new ArrayRules(judge);
  }

  /** Whether a question is open: what depends on its answer may turn out wrong. */
  get isAsking(): boolean {
    return this.#open.size > 0;
  }

  /** The formula of a value of the kind, at its beginning. */
  begin(formula: Formula, kind: Kind): Formula {
    const index = kindIndex[kind];
    formula.byKind ??= [];
    formula.byKind[index] ??= this.formulas.map(formula, (atom, same) => {
      if (atom.type === 'schema') return this.schemas.begin(atom.node, kind);
      return atom.type === 'unseen' ? this.#unseen(atom.items, kind) : same;
    });
    return formula.byKind[index];
  }

  isSatisfiable(formula: Formula): boolean {
    if (formula === always || formula === never) return formula === always;
    return kinds.some((kind) => this.canBegin(formula, kind));
  }

  /**
   * Whether some value of the kind satisfies the formula. JSON values are finite, so a schema that
   * requires itself without end has no values. A recursive question is therefore answered `false`.
   */
  canBegin(formula: Formula, kind: Kind): boolean {
    const index = kindIndex[kind];
    formula.canBegin ??= [];
    const known = formula.canBegin[index];
    if (known !== undefined) return known;
    const key = `${formula.id} ${kind}`;
    const outer = this.#open.get(key);
    if (outer !== undefined) {
      this.#relied = Math.min(this.#relied, outer);
      return false;
    }
    const nesting = this.#open.size;
    if (nesting === 0) this.#questions = 0;
    if (nesting > maxNesting || this.#questions++ > maxQuestions) return true;
    const reliedBefore = this.#relied;
    this.#relied = Number.POSITIVE_INFINITY;
    this.#open.set(key, nesting);
    const answer = this.#canBegin(this.begin(formula, kind), kind);
    this.#open.delete(key);
    // A no that relied on a question still open may turn out wrong once that one is answered.
    if (answer || this.#relied >= nesting) formula.canBegin[index] = answer;
    this.#relied = answer ? reliedBefore : Math.min(reliedBefore, this.#relied);
    return answer;
  }

  #canBegin(goal: Formula, kind: Kind): boolean {
    switch (kind) {
      case 'string':
        return this.strings.isViable(goal);
      case 'number':
        return goal !== never && this.numbers.canBegin(goal);
      case 'array':
        return this.arrays.isViable(goal);
      case 'object':
        return this.objects.isViable(goal, this.#noMembers);
      default:
        return goal !== never;
    }
  }

  /**
   * How many values satisfy a formula, up to `most`. Where it takes long to find out, they count as
   * so many.
   */
  count(formula: Formula, most: number): number {
    const known = this.#counts.get(formula);
    if (known && (known.count < known.most || known.most >= most))
      return Math.min(known.count, most);
    let count = 0;
    for (const kind of kinds)
      if (count < most && this.canBegin(formula, kind))
        count += this.#countKind(formula, kind, most - count);
    if (!this.isAsking) this.#counts.set(formula, { count, most });
    return count;
  }

  #countKind(formula: Formula, kind: Kind, most: number): number {
    if (kind === 'string') return this.strings.count(this.begin(formula, kind), most);
    if (kind === 'number') return countNumbers(this.numbers, this.begin(formula, kind), most);
    return kind === 'array' || kind === 'object'
      ? (this.#used.left(formula, kind)?.size ?? most)
      : 1;
  }

  /** The members of an object that begins. */
  get noMembers(): Members {
    return this.#noMembers;
  }

  /** Lets go of what grows with the texts. */
  forget(): void {
    this.#noMembers = Members.none();
  }

  /**
   * Returns the obligations of a member or item with which its container can be right.
   * @param waiting of the container
   * @param isViable whether the container can be right apart from the value at hand
   * @param neededLater what the value must not be, for the sake of those that follow it
   * @returns undefined where no value is right
   */
  next(
    waiting: Obligations,
    isViable: (goal: Formula) => boolean,
    neededLater: (goal: Formula) => Formula = () => never,
  ): Obligations | undefined {
    const { formulas } = this;
    const ways = new Set<Formula>();
    for (const literals of conjunctions(spellOut(formulas, waiting.goal))) {
      const asked: Formula[] = [];
      const rest: Formula[] = [];
      for (const { formula, positive } of literals) {
        const { atom } = formula;
        const signed = (part: Formula) => (positive ? part : formulas.not(part));
        if (atom?.type === 'demand') asked.push(signed(atom.value));
        else rest.push(signed(formula));
      }
      const needed = neededLater(formulas.and(rest));
      const way = formulas.and([...asked, formulas.not(needed)]);
      if (!ways.has(way) && this.isSatisfiable(way) && isViable(formulas.and(rest))) ways.add(way);
    }
    if (ways.size === 0) return undefined;
    const whole = formulas.or([...ways]);
    const formula = this.#used.without(whole);
    if (formula !== whole && !this.isSatisfiable(formula)) return undefined;
    return obligationsOf(formula, demandsOf(formulas, allLeft(waiting)));
  }

  #unseen(items: SeenItems, kind: Kind): Formula {
    const { formulas } = this;
    if (kind === 'array' || kind === 'object') return always;
    if (kind === 'string') return markedWords(formulas, items.strings, 'others');
    if (kind === 'number') return this.numbers.unseen(items);
    return items.kinds.has(kind) ? never : always;
  }
}
