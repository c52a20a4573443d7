import { always, type Formula, type Formulas, never } from '../formula/formula.js';
import { type Characters, StringGraph } from '../formula/string-graph.js';
import { arePatient } from './patient-patterns.js';
import { boundsOf } from './string-bounds.js';
import { hasWords, isInside } from './string-characters.js';

/** Formulas that are looked at before all that can follow is. */
const maxNearby = 200;
/**
 * Beginnings of words that one search visits. If that does not decide, the formula counts as
 * possible.
 */
const maxBeginnings = 20_000;
/** Patterns at once beyond which each is looked at alone first. */
const manyPatterns = 3;

/** Finds out which formulas over strings some continuation satisfies. */
export class StringSearch {
  constructor(
    readonly formulas: Formulas,
    readonly characters: Characters,
  ) {}

  isViable(formula: Formula): boolean {
    formula.viable ??= this.#decide(formula);
    return formula.viable;
  }

  /** The graph that a formula is in; undefined if it is too large. */
  graphOf(formula: Formula): StringGraph | undefined {
    if (formula.graph !== undefined) return formula.graph ?? undefined;
    const explored = StringGraph.explore(formula, this.characters);
    const isKnown = explored instanceof StringGraph;
    for (const node of isKnown ? explored.nodes : explored) {
      // All constraints share these two, which would keep the graph of one.
      if (node === always || node === never) continue;
      if (node.graph === undefined) node.graph = isKnown ? explored : null;
      if (isKnown) node.viable = explored.distance(node) < Number.POSITIVE_INFINITY;
    }
    return isKnown ? explored : undefined;
  }

  #decide(formula: Formula): boolean {
    switch (formula.op) {
      case 'always':
      case 'never':
        return formula === always;
      // Atoms that no continuation satisfies do not exist.
      case 'atom':
        return true;
      case 'or':
        return formula.parts.some((part) => this.isViable(part));
      default:
        return this.#decideParts(formula);
    }
  }

  #decideParts(formula: Formula): boolean {
    const { least, most, rest } = boundsOf(formula);
    if (least > most) return false;
    const core = this.formulas.and(rest);
    if (core === always || core === never) return core === always;
    const isFree = least === 0 && most === Number.POSITIVE_INFINITY;
    if (isFree && core !== formula) return this.isViable(core);
    if (isOtherThanWords(core) && isFree) return true;
    if (isInside(formula))
      return this.characters.after(formula).some((next) => this.isViable(next));
    if (hasWords(core)) return this.#searchWords(formula);
    if (core.graph) return core.graph.hasLength(core, least, most);
    if (rest.length > manyPatterns && arePatient(this, rest, least, most)) return true;
    return this.#searchNearby(formula) ?? this.graphOf(core)?.hasLength(core, least, most) ?? true;
  }

  /** Breadth first; undefined if much is left to look at. */
  #searchNearby(from: Formula): boolean | undefined {
    const before = new Map<Formula, Formula | undefined>([[from, undefined]]);
    const queue = [from];
    for (const [at, formula] of queue.entries()) {
      if (at === maxNearby) return undefined;
      if (formula.viable || this.characters.mayEnd(formula)) return markViable(formula, before);
      if (formula.viable === false) continue;
      for (const next of this.characters.after(formula)) {
        if (next === never || before.has(next)) continue;
        before.set(next, formula);
        queue.push(next);
      }
    }
    return markHopeless(queue);
  }

  /**
   * Depth first along the words, which end somewhere: no way leads back. What leaves all of them is
   * decided at once, so that only their beginnings are visited, and each of them once.
   */
  #searchWords(from: Formula): boolean {
    const path: { readonly formula: Formula; readonly left: Formula[] }[] = [];
    let visited = 0;
    let next: Formula | undefined = from;
    while (next) {
      if (next.viable === undefined) {
        if (++visited > maxBeginnings) return true;
        path.push({ formula: next, left: this.#waysOn(next) });
      } else if (next.viable) {
        for (const { formula } of path) formula.viable = true;
        return true;
      }
      while (path.length > 0 && path[path.length - 1].left.length === 0)
        path.pop()!.formula.viable = false;
      next = path[path.length - 1]?.left.pop();
    }
    return false;
  }

  /** The formulas to try after a beginning of words, the best last. */
  #waysOn(formula: Formula): Formula[] {
    if (this.characters.mayEnd(formula)) return [always];
    const ways = this.characters.after(formula).filter((next) => next !== never);
    const free = ways.filter((next) => !hasWords(next));
    if (free.some((next) => this.isViable(next))) return [always];
    return ways.filter(hasWords).reverse();
  }
}

function isOtherThanWords({ op, parts }: Formula): boolean {
  return op === 'not' && parts[0].atom?.type === 'words' && !parts[0].atom.words.others;
}

function markViable(from: Formula, before: ReadonlyMap<Formula, Formula | undefined>): true {
  for (let at: Formula | undefined = from; at; at = before.get(at)) at.viable = true;
  return true;
}

function markHopeless(formulas: readonly Formula[]): false {
  for (const formula of formulas) formula.viable = false;
  return false;
}
