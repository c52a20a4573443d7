import { type Expression, type Rules, sequence } from '../rules/expression.js';
import { ruleGraph } from '../rules/rule-graph.js';
import type { RuleTable } from '../rules/rule-table.js';
import { compileFlat } from './network.js';
import {
  type Automaton,
  determinise,
  intersection,
  negation,
  shortest,
} from './terminal-automaton.js';

/** Operations in the largest grammar: each builds an automaton. */
const maxOperations = 200;

interface Operation {
  /**
   * `and`: what both operands match; `not`: what the operand does not match; `lazy`: what it
   * matches as early as it can.
   */
  readonly kind: 'and' | 'not' | 'lazy';
  readonly operands: readonly Expression[];
  readonly position: number;
}

/**
 * Operations on terminals that regular expressions have no notation for. Each is a rule whose body
 * is an automaton in the end.
 */
export class TerminalOperations {
  readonly #operations = new Map<number, Operation>();

  constructor(readonly rules: RuleTable) {}

  add(kind: Operation['kind'], operands: readonly Expression[], position: number): Expression {
    if (this.#operations.size === maxOperations)
      this.rules.reader.fail(`more than ${maxOperations} of '&', '~' and lazy rules`, position);
    const rule = this.rules.reserve(position);
    this.rules.fill(rule, sequence(operands));
    this.#operations.set(rule, { kind, operands, position });
    return { type: 'rule', rule };
  }

  /**
   * The grammar with the operations carried out, operands first. None is its own operand.
   * @throws GrammarError if one is too large
   */
  resolve({ rules, start }: Rules): Rules {
    const resolved = [...rules];
    for (const rule of this.#operandsFirst(rules)) {
      const { kind, operands, position } = this.#operations.get(rule)!;
      const tooLarge = () =>
        this.rules.reader.fail("what '&', '~' or a lazy rule works on is too large", position);
      const [first, second] = operands.map((body) => {
        const operand = { name: 'operand', position, body };
        const network = compileFlat({ rules: [...resolved, operand], start: resolved.length });
        return network ? determinise(network, tooLarge) : tooLarge();
      });
      const states = apply(kind, first, second, tooLarge);
      resolved[rule] = { ...rules[rule], body: { type: 'automaton', states } };
    }
    return { rules: resolved, start };
  }

  #operandsFirst(rules: Rules['rules']): number[] {
    const parts = [...this.#operations.keys()].map((rule) => ({ type: 'rule', rule }) as const);
    const all = { name: 'all', position: 0, body: sequence(parts) };
    const { order } = ruleGraph({ rules: [...rules, all], start: rules.length });
    return order.filter((rule) => this.#operations.has(rule));
  }
}

function apply(
  kind: Operation['kind'],
  first: Automaton,
  second: Automaton,
  tooLarge: () => never,
): Automaton {
  if (kind === 'and') return intersection(first, second, tooLarge);
  return kind === 'not' ? negation(first) : shortest(first);
}
