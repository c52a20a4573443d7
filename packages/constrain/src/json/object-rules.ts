import { conjunctions } from './conjunctions.js';
import { atLeast, atMost, required } from './counted-atoms.js';
import { always, type Formula, never } from './formula.js';
import type { Members } from './members.js';
import { ObjectCase, type ObjectJudge } from './object-case.js';
import { pending } from './pending.js';
import type { PropertiesRule } from './properties-rule.js';
import { fromBytes, sortedBytes, toBytes, WordList } from './word-list.js';

/** Formulas about objects. */
export class ObjectRules {
  constructor(readonly judge: ObjectJudge) {}

  isViable(goal: Formula, members: Members): boolean {
    if (goal === always) return true;
    if (goal === never) return false;
    return conjunctions(goal).some((literals) =>
      new ObjectCase(this.judge, members, literals).isViable(),
    );
  }

  /** What the next name must satisfy. */
  names(goal: Formula, members: Members): Formula {
    const { formulas } = this.judge;
    const cases = conjunctions(goal)
      .map((literals) => new ObjectCase(this.judge, members, literals))
      .filter((way) => way.isViable());
    const others = formulas.or(cases.map((way) => way.otherNames()));
    const allows = (bytes: string) => {
      const name = fromBytes(bytes);
      return cases.some((way) => way.allows(name));
    };
    const named = this.#named(goal, members, others !== never);
    if (others === always) return new WordList(named, named.map(allows), true).start(formulas);
    const allowed = new WordList(named.filter(allows)).start(formulas);
    if (others === never) return allowed;
    const taken = new WordList(named).start(formulas);
    return formulas.or([allowed, formulas.and([others, formulas.not(taken)])]);
  }

  /** Names that are not judged as others are, as bytes, ascending; with those taken if asked for. */
  #named(goal: Formula, members: Members, withTaken: boolean): readonly string[] {
    const rules = new Set<PropertiesRule>();
    const asked = new Set<string>();
    this.judge.formulas.map(goal, (atom, same) => {
      if (atom.type === 'properties') rules.add(atom.rule);
      else if (atom.type === 'required') for (const name of atom.names) asked.add(name);
      return same;
    });
    if (withTaken) for (const name of members.names()) asked.add(name);
    const [first, ...others] = rules;
    if (first && others.length === 0 && [...asked].every((name) => first.named.has(name)))
      return first.sortedNames();
    for (const { named } of rules) for (const name of named.keys()) asked.add(name);
    return sortedBytes(asked);
  }

  /** What is left once a member has its name. Where its value decides, it is pending. */
  afterName(formula: Formula, name: string): Formula {
    const { formulas, strings } = this.judge;
    return formulas.map(formula, (atom, same) => {
      switch (atom.type) {
        case 'properties': {
          const value = atom.rule.demand(formulas, name);
          // A rule that asks no more still has the order of its names.
          const after = this.judge.isOrdered ? same : atom.rule.after(formulas, atom.left, name);
          return pending(formulas, value, after, never);
        }
        case 'required':
          if (!atom.names.includes(name)) return same;
          return required(
            formulas,
            atom.names.filter((other) => other !== name),
          );
        case 'propertyNames': {
          const bytes = toBytes(name);
          const end = strings.end(strings.stepAll(atom.name, bytes), bytes);
          return end === never ? never : same;
        }
        case 'atLeast':
          return atLeast(formulas, atom.left - 1);
        case 'atMost':
          return atMost(formulas, atom.left - 1);
        default:
          return same;
      }
    });
  }

  /** Always or never (or late), where the object ends. */
  end(formula: Formula): Formula {
    return this.judge.formulas.map(formula, (atom, same) => {
      switch (atom.type) {
        case 'required':
        case 'atLeast':
          return never;
        case 'properties':
        case 'propertyNames':
        case 'atMost':
          return always;
        default:
          return same;
      }
    });
  }
}
