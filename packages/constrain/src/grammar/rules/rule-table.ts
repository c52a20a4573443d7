import type { Expression, Rule, Rules } from './expression.js';
import type { SourceReader } from './source-reader.js';

const maxRules = 100_000;

/** The rules of a grammar while it is read: rules may be named before they are defined. */
export class RuleTable {
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #rules: (Rule | undefined)[] = [];
  /** Index in the source at which each rule was first named. */
  readonly #named: number[] = [];

  constructor(readonly reader: SourceReader) {}

  /** The index of a rule that is named at `position`. */
  id(name: string, position: number): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    if (this.#rules.length === maxRules) this.reader.fail(`more than ${maxRules} rules`, position);
    this.#ids.set(name, this.#rules.length);
    this.#names.push(name);
    this.#named.push(position);
    return this.#rules.push(undefined) - 1;
  }

  isDefined(name: string): boolean {
    const id = this.#ids.get(name);
    return id !== undefined && this.#rules[id] !== undefined;
  }

  define(name: string, position: number, body: Expression): void {
    const id = this.id(name, position);
    const known = this.#rules[id];
    if (known)
      this.reader.fail(`rule '${name}' is defined twice. Join the definitions with '|'`, position);
    this.#rules[id] = { name, body, position };
  }

  /** A rule without a name of its own, `body` to be set before the grammar is finished. */
  reserve(position: number): number {
    return this.id(`%${this.#rules.length}`, position);
  }

  /** The body of a reserved rule. */
  fill(id: number, body: Expression): void {
    this.#rules[id] = { name: this.#names[id], body, position: this.#named[id] };
  }

  /**
   * The finished grammar.
   * @throws GrammarError if a rule that is named, or `start`, is not defined
   */
  finish(start: string): Rules {
    if (!this.isDefined(start))
      this.reader.fail(
        `there is no rule '${start}' to begin with. Define it, or name another with the option 'start'`,
        this.#ids.has(start) ? this.#named[this.#ids.get(start)!] : 0,
      );
    for (const [name, id] of this.#ids)
      if (!this.#rules[id])
        this.reader.fail(`there is no rule '${name}'. Define it`, this.#named[id]);
    return { rules: this.#rules.map((rule) => rule!), start: this.#ids.get(start)! };
  }
}
