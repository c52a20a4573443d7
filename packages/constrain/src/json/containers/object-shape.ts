import { always, type Formula, never } from '../formula/formula.js';
import type { PropertiesRule } from '../formula/properties-rule.js';
import { sortedBytes, toBytes } from '../formula/word-list.js';
import type { NameSet } from '../sets/name-set.js';
import type { ObjectJudge } from './object-judge.js';

/** Patterns of which each combination is looked at. */
const maxPatterns = 8;
/** The place of required names that are not listed. */
export const unlisted = Number.MAX_VALUE;

/**
 * Requirements on each member of an object that do not depend on the members so far. Found once for
 * all texts.
 */
export class ObjectShape {
  /** Names that some value is right for. */
  readonly #admitted = new Map<string, boolean>();
  readonly #first = new WeakMap<NameSet, number>();
  readonly #allAdmitted = new WeakSet<NameSet>();
  #listed: readonly string[] | undefined;
  #places: ReadonlyMap<string, number> | undefined;
  #candidates: ReadonlySet<string> | undefined;
  #sorted: readonly string[] | undefined;
  #matching: Formula | undefined;

  /**
   * @param brokenRules each is broken by some member
   * @param names formulas that every name satisfies
   * @param brokenNames for each, a name comes that does not satisfy it
   */
  constructor(
    readonly judge: ObjectJudge,
    readonly rules: readonly PropertiesRule[],
    readonly brokenRules: readonly PropertiesRule[],
    readonly names: readonly Formula[],
    readonly brokenNames: readonly Formula[],
  ) {}

  /** Names that have a value of their own. */
  get candidates(): ReadonlySet<string> {
    this.#candidates ??= new Set(
      [...this.rules, ...this.brokenRules].flatMap(({ named }) => [...named.keys()]),
    );
    return this.#candidates;
  }

  /** The candidates as bytes, ascending. */
  get sorted(): readonly string[] {
    const [rule, ...others] = [...this.rules, ...this.brokenRules];
    this.#sorted ??=
      rule && others.length === 0 ? rule.sortedNames() : sortedBytes(this.candidates);
    return this.#sorted;
  }

  /** Whether a member of the name can be right, apart from what is there already. */
  admits(name: string): boolean {
    const known = this.#admitted.get(name);
    if (known !== undefined) return known;
    const admitted = this.#admits(name);
    if (!this.judge.isAsking() && this.candidates.has(name)) this.#admitted.set(name, admitted);
    return admitted;
  }

  #admits(name: string): boolean {
    if (this.names.length > 0) {
      const bytes = toBytes(name);
      if (!this.names.every((names) => this.accepts(names, bytes))) return false;
    }
    return this.judge.isSatisfiable(this.demand(name));
  }

  admitsAll(names: NameSet): boolean {
    if (this.#allAdmitted.has(names)) return true;
    const { left, right } = names;
    const all =
      names.level > 0
        ? (!left || this.admitsAll(left)) && (!right || this.admitsAll(right))
        : [...names].every((name) => this.admits(name));
    if (all && !this.judge.isAsking()) this.#allAdmitted.add(names);
    return all;
  }

  /** The formula of a member's value. */
  demand(name: string): Formula {
    const { formulas } = this.judge;
    if (this.rules.length === 1) return this.rules[0].demand(formulas, name);
    return formulas.and(this.rules.map((rule) => rule.demand(formulas, name)));
  }

  accepts(names: Formula, bytes: string): boolean {
    const { strings } = this.judge;
    return strings.end(strings.stepAll(names, bytes), bytes) !== never;
  }

  /** The names that `properties` lists, in order. */
  get listed(): readonly string[] {
    this.#listed ??= [...new Set(this.rules.flatMap(({ named }) => [...named.keys()]))];
    return this.#listed;
  }

  /** For a name that `properties` lists. */
  placeOf(name: string): number | undefined {
    this.#places ??= new Map(this.listed.map((own, place) => [own, place]));
    return this.#places.get(name);
  }

  /** The first place of some names; those that are not listed come after all others. */
  firstPlace(names: NameSet): number {
    const known = this.#first.get(names);
    if (known !== undefined) return known;
    const parts =
      names.level > 0
        ? [names.left, names.right].map((part) => (part ? this.firstPlace(part) : unlisted))
        : [...names].map((name) => this.placeOf(name) ?? unlisted);
    const first = Math.min(...parts);
    this.#first.set(names, first);
    return first;
  }

  /** The formula of unlisted names for which some value satisfies all rules. */
  get matching(): Formula {
    if (this.#matching) return this.#matching;
    const matching = this.#match();
    if (!this.judge.isAsking()) this.#matching = matching;
    return matching;
  }

  #match(): Formula {
    const { formulas } = this.judge;
    const patterns = this.rules.flatMap((rule) =>
      rule.patterns.map((entry) => ({ ...entry, rule })),
    );
    if (patterns.length > maxPatterns) return this.#matchSome();
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
    return decide(0, [], new Set(this.rules));
  }

  /** For rules that leave no value to other names: the name matches one of their patterns. */
  #matchSome(): Formula {
    const { formulas, isSatisfiable } = this.judge;
    const closed = this.rules.filter(({ additional }) => !isSatisfiable(additional));
    return formulas.and(
      closed.map(({ patterns }) =>
        formulas.or(patterns.map(({ pattern }) => pattern.start(formulas))),
      ),
    );
  }
}
