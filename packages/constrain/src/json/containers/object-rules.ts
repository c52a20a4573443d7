import { conjunctions, type Literal } from '../formula/conjunctions.js';
import { atLeast, atMost, required } from '../formula/counted-atoms.js';
import { always, type Formula, never } from '../formula/formula.js';
import { pending } from '../formula/pending.js';
import type { PropertiesRule } from '../formula/properties-rule.js';
import { fromBytes, sortedBytes, toBytes } from '../formula/word-list.js';
import { MarkedTrie } from '../sets/marked-trie.js';
import type { NameSet } from '../sets/name-set.js';
import { markedWords } from './marked-words.js';
import type { Members } from './members.js';
import { ObjectCase } from './object-case.js';
import type { ObjectJudge } from './object-judge.js';
import { ObjectShape } from './object-shape.js';

/** Shapes that are kept. */
const maxShapes = 2_000;

class ShapeParts {
  readonly rules: PropertiesRule[] = [];
  readonly brokenRules: PropertiesRule[] = [];
  readonly names: Formula[] = [];
  readonly brokenNames: Formula[] = [];
}

/** Formulas about objects. */
export class ObjectRules {
  readonly #shapes = new Map<string, ObjectShape>();

  constructor(readonly judge: ObjectJudge) {}

  isViable(goal: Formula, members: Members): boolean {
    if (goal === always) return true;
    if (goal === never) return false;
    return conjunctions(goal).some((literals) => this.#case(literals, members).isViable());
  }

  /** The formula of the next name. */
  names(goal: Formula, members: Members): Formula {
    const { formulas } = this.judge;
    const ways = conjunctions(goal);
    if (ways.length === 1) {
      const only = this.#case(ways[0], members);
      return only.isViable() ? only.names() : never;
    }
    const named = this.#named(goal, members);
    const open = new Set(named.map(fromBytes).filter((name) => !members.has(name)));
    const right = new Set<string>();
    let others: Formula = never;
    for (const literals of ways) {
      const way = this.#case(literals, members);
      if (!way.isViable()) continue;
      others = formulas.or([others, way.otherNames()]);
      for (const name of open) if (way.allows(name)) right.add(name);
      for (const name of right) open.delete(name);
      // The other ways allow no more.
      if (others === always && open.size === 0) break;
    }
    const words = MarkedTrie.of(named, (index) => right.has(fromBytes(named[index])));
    if (others === always) return markedWords(formulas, words, 'both');
    const allowed = markedWords(formulas, words, 'words');
    if (others === never) return allowed;
    const free = markedWords(formulas, words, 'others');
    return formulas.or([allowed, formulas.and([others, free])]);
  }

  #case(literals: readonly Literal[], members: Members): ObjectCase {
    const { names } = this.judge.formulas;
    const shape = new ShapeParts();
    const notAll: NameSet[] = [];
    const asked: NameSet[] = [];
    let least = 0;
    let most = Number.POSITIVE_INFINITY;
    for (const { formula, positive } of literals) {
      const atom = formula.atom!;
      switch (atom.type) {
        case 'properties':
          (positive ? shape.rules : shape.brokenRules).push(atom.rule);
          break;
        case 'propertyNames':
          (positive ? shape.names : shape.brokenNames).push(atom.name);
          break;
        case 'required':
          if (positive) asked.push(atom.names);
          else notAll.push(atom.names);
          break;
        case 'atLeast':
          if (positive) least = Math.max(least, atom.left);
          else most = Math.min(most, atom.left - 1);
          break;
        case 'atMost':
          if (positive) most = Math.min(most, atom.left);
          else least = Math.max(least, atom.left + 1);
          break;
      }
    }
    return new ObjectCase(this.#shape(shape), members, {
      required: names.unionOf(asked),
      notAll,
      least,
      most,
    });
  }

  #shape({ rules, brokenRules, names, brokenNames }: ShapeParts): ObjectShape {
    const key = [rules, brokenRules, names, brokenNames]
      .map((parts) => parts.map(({ id }) => id).join())
      .join(';');
    const known = this.#shapes.get(key);
    if (known) return known;
    if (this.#shapes.size >= maxShapes) this.#shapes.clear();
    const shape = new ObjectShape(this.judge, rules, brokenRules, names, brokenNames);
    this.#shapes.set(key, shape);
    return shape;
  }

  /** Names that are not judged as others are, and those that are taken: as bytes, ascending. */
  #named(goal: Formula, members: Members): readonly string[] {
    const asked = new Set<string>();
    this.judge.formulas.map(goal, (atom, same) => {
      if (atom.type === 'properties') for (const name of atom.rule.named.keys()) asked.add(name);
      else if (atom.type === 'required') for (const name of atom.names) asked.add(name);
      return same;
    });
    for (const name of members.names()) asked.add(name);
    return sortedBytes(asked);
  }

  /**
   * The formula that is left once a member has its name. What the member's value decides is
   * pending.
   */
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
          return atom.names.has(name) ? required(formulas, atom.names.without(name)) : same;
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
