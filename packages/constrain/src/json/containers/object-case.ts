import { always, type Formula, never } from '../formula/formula.js';
import type { PropertiesRule } from '../formula/properties-rule.js';
import { toBytes } from '../formula/word-list.js';
import type { MarkedTrie } from '../sets/marked-trie.js';
import type { NameSet } from '../sets/name-set.js';
import { allowedNames } from './allowed-names.js';
import { markedWords } from './marked-words.js';
import type { Members } from './members.js';
import type { ObjectJudge } from './object-judge.js';
import { type ObjectShape, unlisted } from './object-shape.js';

/** How many members come, and which of them. */
export interface ObjectCounts {
  readonly required: NameSet | undefined;
  /** Not all names of any of these come. */
  readonly notAll: readonly NameSet[];
  readonly least: number;
  readonly most: number;
}

/** One way to satisfy what is asked of an object: all of it holds. */
export class ObjectCase implements ObjectCounts {
  readonly judge: ObjectJudge;
  readonly required: NameSet | undefined;
  readonly notAll: readonly NameSet[];
  readonly least: number;
  readonly most: number;
  /** Names that would make one of `notAll` whole. */
  readonly #last: ReadonlySet<string>;
  /** Whether one of `notAll` is asked for as a whole. */
  readonly #isBroken: boolean;

  constructor(
    readonly shape: ObjectShape,
    readonly members: Members,
    { required, notAll, least, most }: ObjectCounts,
  ) {
    this.judge = shape.judge;
    this.required = required;
    this.notAll = notAll;
    this.least = least;
    this.most = most;
    const { names } = this.judge.formulas;
    const missing = notAll.map((all) => names.difference(all, required));
    this.#isBroken = missing.includes(undefined);
    this.#last = new Set(missing.flatMap((left) => (left?.size === 1 ? [...left] : [])));
  }

  get #requiredSize(): number {
    return this.required?.size ?? 0;
  }

  /** Whether some further members satisfy all of it. */
  isViable(): boolean {
    const { required, shape } = this;
    const needed = Math.max(this.least, this.#requiredSize);
    if (needed > this.most || this.#isBroken) return false;
    if (required && !(this.#areInOrder(required) && shape.admitsAll(required))) return false;
    if (needed > this.#requiredSize && !this.#hasRoomFor(needed)) return false;
    return (
      shape.brokenRules.every((rule) => this.#canBreak(rule)) &&
      shape.brokenNames.every((name) => this.#canBreakName(name))
    );
  }

  /** Names that are asked for or have a value of their own. */
  *candidates(): Iterable<string> {
    yield* this.shape.candidates;
    if (this.required) yield* this.required;
    for (const names of this.notAll) yield* names;
  }

  /** Whether a member of the name may come next. */
  allows(name: string): boolean {
    const { required, judge } = this;
    if (this.#requiredSize + (required?.has(name) ? 0 : 1) > this.most) return false;
    if (judge.isOrdered && required && this.shape.firstPlace(required) < this.#placeOf(name))
      return false;
    if (this.#last.has(name) || !this.admits(name)) return false;
    return this.most > 1 || this.#isLastChance(name);
  }

  /** Whether a single last member of the name does what is left to do. */
  #isLastChance(name: string): boolean {
    const { shape } = this;
    const bytes = toBytes(name);
    return shape.brokenNames.every((names) => !shape.accepts(names, bytes));
  }

  /** The formula of names that `properties` does not list, if such members may come next. */
  otherNames(): Formula {
    if (this.#requiredSize + 1 > this.most) return never;
    // In a fixed order, others come last.
    if (this.judge.isOrdered && this.required) return never;
    const { shape } = this;
    const { formulas } = this.judge;
    const last = this.most > 1 ? [] : shape.brokenNames.map((name) => formulas.not(name));
    return formulas.and([shape.matching, ...shape.names, ...last]);
  }

  /** The formula of the next name. */
  names(): Formula {
    const { formulas } = this.judge;
    const others = this.otherNames();
    const named = this.allowed();
    if (others === always) return markedWords(formulas, named, 'both');
    const allowed = markedWords(formulas, named, 'words');
    if (others === never) return allowed;
    return formulas.or([allowed, formulas.and([others, markedWords(formulas, named, 'others')])]);
  }

  /**
   * The names asked for or with a value of their own, and those that are taken: right is which may
   * come next.
   */
  allowed(): MarkedTrie {
    let named = allowedNames(this);
    for (const name of this.#last) named = named.with(toBytes(name), false);
    if (this.most > 1 || this.shape.brokenNames.length === 0) return named;
    for (const name of this.candidates())
      if (!this.#isLastChance(name)) named = named.with(toBytes(name), false);
    return named;
  }

  /** Whether a member of the name can still come, apart from how many come. */
  admits(name: string): boolean {
    if (this.most < 1 || this.members.has(name)) return false;
    const place = this.shape.placeOf(name);
    return (place === undefined || place > this.passed) && this.shape.admits(name);
  }

  /** In a fixed order, the last place that cannot come any more; -1 where there is none. */
  get passed(): number {
    const { last } = this.members;
    if (!this.judge.isOrdered || last === undefined) return -1;
    return this.shape.placeOf(last) ?? unlisted;
  }

  #areInOrder(required: NameSet): boolean {
    if (!this.judge.isOrdered) return true;
    // Names that are not listed come last, in any order.
    const first = this.shape.firstPlace(required);
    return first === unlisted || first > this.passed;
  }

  #placeOf(name: string): number {
    const place = this.shape.placeOf(name);
    if (place !== undefined) return place;
    return this.required?.has(name) ? unlisted : Number.POSITIVE_INFINITY;
  }

  #hasRoomFor(count: number): boolean {
    const { strings, formulas } = this.judge;
    const allowed = this.allowed();
    const needed = count - allowed.rightSize + this.#countLeftOut();
    const others = this.otherNames();
    if (needed <= 0 || others === never) return needed <= 0;
    // Mostly few of the others are listed or taken, and they are the same for all members.
    if (strings.count(others, needed + allowed.size) >= needed + allowed.size) return true;
    const free = formulas.and([others, markedWords(formulas, allowed, 'others')]);
    return strings.count(free, needed) >= needed;
  }

  /**
   * How many of the names that may come stay away at least, so that none of `notAll` becomes whole:
   * one of each, as far as they share none.
   */
  #countLeftOut(): number {
    const { names } = this.judge.formulas;
    const taken = new Set<string>();
    let count = 0;
    for (const all of this.notAll) {
      const missing = [...(names.difference(all, this.required) ?? [])];
      const mayCome = (name: string) => !this.#last.has(name) && this.admits(name);
      if (!missing.every((name) => !taken.has(name) && mayCome(name))) continue;
      for (const name of missing) taken.add(name);
      count++;
    }
    return count;
  }

  #hasOtherNames(): boolean {
    return this.#hasName(this.otherNames());
  }

  /** Whether a name satisfies a formula and is neither taken nor one with a value of its own. */
  #hasName(names: Formula): boolean {
    if (names === never) return false;
    const { formulas, strings } = this.judge;
    const taken = markedWords(formulas, this.allowed(), 'others');
    return strings.isViable(formulas.and([names, taken]));
  }

  /** Whether a further member can break a rule and nothing else. */
  #canBreak(rule: PropertiesRule): boolean {
    if (this.most < 1) return false;
    if (rule.patterns.length > 0) return true;
    const { shape } = this;
    const { formulas, isSatisfiable } = this.judge;
    for (const name of this.candidates()) {
      const broken = formulas.not(rule.demand(formulas, name));
      if (this.admits(name) && isSatisfiable(formulas.and([shape.demand(name), broken])))
        return true;
    }
    if (rule.additional === always || !this.#hasOtherNames()) return false;
    if (shape.rules.some(({ patterns }) => patterns.length > 0)) return true;
    const others = shape.rules.map(({ additional }) => additional);
    return isSatisfiable(formulas.and([...others, formulas.not(rule.additional)]));
  }

  #canBreakName(name: Formula): boolean {
    const { formulas } = this.judge;
    if (this.most < 1) return false;
    for (const own of this.candidates())
      if (this.admits(own) && !this.shape.accepts(name, toBytes(own))) return true;
    return this.#hasName(formulas.and([this.otherNames(), formulas.not(name)]));
  }
}
