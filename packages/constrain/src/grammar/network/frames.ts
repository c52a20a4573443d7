import { type AutomatonState, type Expression, partsOf, type Rules } from '../rules/expression.js';
import type { RuleGraph } from '../rules/rule-graph.js';

/** Levels of the deepest expression that comes of writing out rules. */
const maxDepth = 300;

interface Extent {
  /** Steps of the expression, rules written out. */
  readonly steps: number;
  /** Levels of expressions within each other, rules written out. */
  readonly depth: number;
}

/**
 * The rules that are called, by index: one on every cycle of rules, and those too large to be
 * written out wherever they are named. All others are written out in place, so that as much as
 * possible of a grammar is one automaton.
 * @param maxSteps steps of the largest rule that is written out at more than one place
 */
export function findFrames({ rules }: Rules, graph: RuleGraph, maxSteps: number): Set<number> {
  const frames = new Set(graph.onCycles);
  const uses = usesOf(rules.map(({ body }) => body));
  const extents = new Map<number, Extent>();
  for (const rule of graph.order) {
    const extent = extentOf(rules[rule].body, extents, frames);
    extents.set(rule, extent);
    const isSmall = uses[rule] <= 1 || extent.steps <= maxSteps;
    if (extent.depth > maxDepth || !isSmall) frames.add(rule);
  }
  return frames;
}

function extentOf(
  expression: Expression,
  extents: ReadonlyMap<number, Extent>,
  frames: ReadonlySet<number>,
): Extent {
  switch (expression.type) {
    case 'set':
      return { steps: 1, depth: 1 };
    case 'rule':
      return frames.has(expression.rule) ? { steps: 1, depth: 1 } : extents.get(expression.rule)!;
    case 'repeat': {
      const { steps, depth } = extentOf(expression.part, extents, frames);
      return { steps: copies(expression) * (steps + 1), depth: depth + 1 };
    }
    case 'automaton':
      return { steps: stepsOf(expression.states), depth: 1 };
    default: {
      let steps = 1;
      let deepest = 0;
      for (const part of expression.parts) {
        const extent = extentOf(part, extents, frames);
        steps += extent.steps;
        deepest = Math.max(deepest, extent.depth);
      }
      return { steps, depth: deepest + 1 };
    }
  }
}

function copies({ min, max }: { readonly min: number; readonly max: number }): number {
  return max === Number.POSITIVE_INFINITY ? min + 1 : max;
}

function stepsOf(states: readonly AutomatonState[]): number {
  return states.reduce((steps, { edges }) => steps + 2 + 2 * edges.length, 0);
}

/** [rules], how often each is named, counts multiplied out. */
function usesOf(bodies: readonly Expression[]): number[] {
  const uses = bodies.map(() => 0);
  const count = (expression: Expression, times: number) => {
    if (expression.type === 'rule') uses[expression.rule] += times;
    const copied = expression.type === 'repeat' ? times * copies(expression) : times;
    for (const part of partsOf(expression)) count(part, copied);
  };
  for (const body of bodies) count(body, 1);
  return uses;
}
