import type { Literal } from './conjunctions.js';
import { always, type Formula, type Formulas, never } from './formula.js';
import type { Members } from './members.js';
import type { PropertiesRule } from './properties-rule.js';
import type { StringRules } from './string-rules.js';
import { toBytes, WordList } from './word-list.js';

/** Patterns of which each combination is looked at. */
const maxPatterns = 8;

/** What objects are judged with. */
export interface ObjectJudge {
  readonly formulas: Formulas;
  readonly strings: StringRules;
  /** Whether names come in the order of the schema: as `properties` has them, then others that are required, then all others. */
  readonly isOrdered: boolean;
  readonly isSatisfiable: (value: Formula) => boolean;
}

/** One way to satisfy what is asked of an object: all of it holds. */
export class ObjectCase {
  readonly #rules: PropertiesRule[] = [];
  readonly #brokenRules: PropertiesRule[] = [];
  readonly #required = new Set<string>();
  /** Not all names of any of these come. */
  readonly #notAll: (readonly string[])[] = [];
  readonly #names: Formula[] = [];
  /** For each, a name comes that does not satisfy it. */
  readonly #brokenNames: Formula[] = [];
  #least = 0;
  #most = Number.POSITIVE_INFINITY;

  constructor(
    readonly judge: ObjectJudge,
    readonly members: Members,
    literals: readonly Literal[],
  ) {
    for (const literal of literals) this.#add(literal);
  }

  #add({ formula, positive }: Literal): void {
    const atom = formula.atom!;
    switch (atom.type) {
      case 'properties':
        (positive ? this.#rules : this.#brokenRules).push(atom.rule);
        break;
      case 'required':
        if (positive) for (const name of atom.names) this.#required.add(name);
        else this.#notAll.push(atom.names);
        break;
      case 'propertyNames':
        (positive ? this.#names : this.#brokenNames).push(atom.name);
        break;
      case 'atLeast':
        if (positive) this.#least = Math.max(this.#least, atom.left);
        else this.#most = Math.min(this.#most, atom.left - 1);
        break;
      case 'atMost':
        if (positive) this.#most = Math.min(this.#most, atom.left);
        else this.#least = Math.max(this.#least, atom.left + 1);
        break;
    }
  }

  /** Whether some further members satisfy all of it. */
  isViable(): boolean {
    const needed = Math.max(this.#least, this.#required.size);
    if (needed > this.#most) return false;
    for (const name of this.#required) if (!this.#admits(name)) return false;
    if (this.#notAll.some((names) => names.every((name) => this.#required.has(name)))) return false;
    if (needed > this.#required.size && !this.#hasRoomFor(needed)) return false;
    return (
      this.#brokenRules.every((rule) => this.#canBreak(rule)) &&
      this.#brokenNames.every((name) => this.#canBreakName(name))
    );
  }

  /** Names that are asked for or have a value of their own. */
  *candidates(): Iterable<string> {
    for (const rule of this.#rules) yield* rule.named.keys();
    for (const rule of this.#brokenRules) yield* rule.named.keys();
    yield* this.#required;
    for (const names of this.#notAll) yield* names;
  }

  /** Whether a member of the name may come next. */
  allows(name: string): boolean {
    const needed = this.#required.size - (this.#required.has(name) ? 1 : 0);
    if (needed + 1 > this.#most) return false;
    if (this.judge.isOrdered)
      for (const other of this.#required)
        if (other !== name && this.#placeOf(other) < this.#placeOf(name)) return false;
    const completes = this.#notAll.some((names) =>
      names.every((other) => other === name || this.#required.has(other)),
    );
    if (completes || !this.#admits(name)) return false;
    return this.#most > 1 || this.#isLastChance(name);
  }

  /** Whether a single last member of the name does what is left to do. */
  #isLastChance(name: string): boolean {
    const bytes = toBytes(name);
    return this.#brokenNames.every((names) => !this.#accepts(names, bytes));
  }

  /** What the names of members without a name of their own satisfy, where they may come next. */
  otherNames(): Formula {
    if (this.#required.size + 1 > this.#most) return never;
    // In a fixed order, others come last.
    if (this.judge.isOrdered && this.#required.size > 0) return never;
    const { formulas } = this.judge;
    const last = this.#most > 1 ? [] : this.#brokenNames.map((name) => formulas.not(name));
    return formulas.and([this.#matching(), ...this.#names, ...last]);
  }

  #admits(name: string): boolean {
    if (this.#most < 1 || this.members.has(name) || !this.#isInOrder(name)) return false;
    if (this.#names.length > 0) {
      const bytes = toBytes(name);
      if (!this.#names.every((names) => this.#accepts(names, bytes))) return false;
    }
    return this.judge.isSatisfiable(this.#demand(name));
  }

  #isInOrder(name: string): boolean {
    const { last } = this.members;
    if (!this.judge.isOrdered || last === undefined) return true;
    // Names that are not listed come last, in any order.
    const place = this.#listedPlaceOf(name);
    return place === undefined || place > (this.#listedPlaceOf(last) ?? Number.POSITIVE_INFINITY);
  }

  #placeOf(name: string): number {
    const place = this.#listedPlaceOf(name);
    if (place !== undefined) return place;
    return this.#required.has(name) ? Number.MAX_VALUE : Number.POSITIVE_INFINITY;
  }

  /** Of a name that `properties` lists. */
  #listedPlaceOf(name: string): number | undefined {
    let before = 0;
    for (const rule of this.#rules) {
      const place = rule.placeOf(name);
      if (place !== undefined) return before + place;
      before += rule.named.size;
    }
    return undefined;
  }

  #demand(name: string): Formula {
    const { formulas } = this.judge;
    if (this.#rules.length === 1) return this.#rules[0].demand(formulas, name);
    return formulas.and(this.#rules.map((rule) => rule.demand(formulas, name)));
  }

  #accepts(names: Formula, bytes: string): boolean {
    const { strings } = this.judge;
    return strings.end(strings.stepAll(names, bytes), bytes) !== never;
  }

  #hasRoomFor(count: number): boolean {
    if (this.#hasOtherNames()) return true;
    const names = new Set([...this.candidates()].filter((name) => this.#admits(name)));
    return names.size >= count;
  }

  #hasOtherNames(): boolean {
    return this.#hasName(this.otherNames());
  }

  /** Whether a name satisfies a formula and is neither taken nor one with a value of its own. */
  #hasName(names: Formula): boolean {
    if (names === never) return false;
    const { formulas, strings } = this.judge;
    const taken = WordList.of([...this.candidates(), ...this.members.names()]);
    return strings.isViable(formulas.and([names, formulas.not(taken.start(formulas))]));
  }

  /** Whether a further member can break a rule and nothing else. */
  #canBreak(rule: PropertiesRule): boolean {
    if (this.#most < 1) return false;
    if (rule.patterns.length > 0) return true;
    const { formulas, isSatisfiable } = this.judge;
    for (const name of this.candidates()) {
      const broken = formulas.not(rule.demand(formulas, name));
      if (this.#admits(name) && isSatisfiable(formulas.and([this.#demand(name), broken])))
        return true;
    }
    if (rule.additional === always || !this.#hasOtherNames()) return false;
    if (this.#rules.some(({ patterns }) => patterns.length > 0)) return true;
    const others = this.#rules.map(({ additional }) => additional);
    return isSatisfiable(formulas.and([...others, formulas.not(rule.additional)]));
  }

  #canBreakName(name: Formula): boolean {
    const { formulas } = this.judge;
    if (this.#most < 1) return false;
    for (const required of this.candidates())
      if (this.#admits(required) && !this.#accepts(name, toBytes(required))) return true;
    return this.#hasName(formulas.and([this.otherNames(), formulas.not(name)]));
  }

  /** Of rules that leave no value to other names: one of their patterns. */
  #matchingSome(): Formula {
    const { formulas, isSatisfiable } = this.judge;
    const closed = this.#rules.filter(({ additional }) => !isSatisfiable(additional));
    return formulas.and(
      closed.map(({ patterns }) =>
        formulas.or(patterns.map(({ pattern }) => pattern.start(formulas))),
      ),
    );
  }

  /** What names must match so that some value is right for all rules. */
  #matching(): Formula {
    const { formulas } = this.judge;
    const patterns = this.#rules.flatMap((rule) =>
      rule.patterns.map((entry) => ({ ...entry, rule })),
    );
    if (patterns.length > maxPatterns) return this.#matchingSome();
    const decide = (
      at: number,
      matched: readonly Formula[],
      open: ReadonlySet<PropertiesRule>,
    ): Formula => {
      if (at < patterns.length) {
        const { pattern, value, rule } = patterns[at];
        const starts = pattern.start(formulas);
        const without = decide(at + 1, matched, open);
        const closed = new Set([...open].filter((other) => other !== rule));
        const withIt = decide(at + 1, [...matched, value], closed);
        if (withIt === without) return withIt;
        return formulas.or([
          formulas.and([starts, withIt]),
          formulas.and([formulas.not(starts), without]),
        ]);
      }
      const value = formulas.and([...matched, ...[...open].map((rule) => rule.additional)]);
      return this.judge.isSatisfiable(value) ? always : never;
    };
    return decide(0, [], new Set(this.#rules));
  }
}
