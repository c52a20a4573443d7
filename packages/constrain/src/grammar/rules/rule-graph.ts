import { type Expression, partsOf, type Rules } from './expression.js';

/** The graph of rules that name each other. */
export interface RuleGraph {
  /**
   * Rules reachable from the start, each after all those that it names, but for those that name it
   * in turn.
   */
  readonly order: readonly number[];
  /**
   * Rules that derive something with themselves in it, other than as the very last thing: called,
   * since they nest.
   */
  readonly nesting: ReadonlySet<number>;
  /** One or more rules on every cycle. */
  readonly onCycles: ReadonlySet<number>;
}

/**
 * Tarjan's strongly connected components, without recursion: grammars may be chains of thousands of
 * rules.
 */
export function ruleGraph({ rules, start }: Rules): RuleGraph {
  const order: number[] = [];
  const nesting = new Set<number>();
  const onCycles = new Set<number>();
  const entered = new Map<number, number>();
  const lowest = new Map<number, number>();
  const component = new Map<number, number>();
  const open: number[] = [];
  const stack: { rule: number; named: Named[]; next: number }[] = [];
  const enter = (rule: number) => {
    entered.set(rule, entered.size);
    lowest.set(rule, entered.size - 1);
    open.push(rule);
    stack.push({ rule, named: namedIn(rules[rule].body), next: 0 });
  };
  const lower = (rule: number, to: number) => lowest.set(rule, Math.min(lowest.get(rule)!, to));
  const finished = new Set<number>();
  const close = (rule: number) => {
    const members: number[] = [];
    do members.push(open.pop()!);
    while (members[members.length - 1] !== rule);
    for (const member of members) component.set(member, rule);
    const nests = members.some((member) =>
      namedIn(rules[member].body).some(
        (named) => !named.last && component.get(named.rule) === rule,
      ),
    );
    if (nests) for (const member of members) nesting.add(member);
  };
  enter(start);
  while (stack.length > 0) {
    const at = stack[stack.length - 1];
    if (at.next < at.named.length) {
      const { rule } = at.named[at.next++];
      if (!entered.has(rule)) enter(rule);
      else if (!component.has(rule)) {
        lower(at.rule, entered.get(rule)!);
        // Still on the way down: it names itself.
        if (!finished.has(rule)) onCycles.add(rule);
      }
      continue;
    }
    stack.pop();
    finished.add(at.rule);
    order.push(at.rule);
    if (lowest.get(at.rule) === entered.get(at.rule)) close(at.rule);
    if (stack.length > 0) lower(stack[stack.length - 1].rule, lowest.get(at.rule)!);
  }
  return { order, nesting, onCycles };
}

interface Named {
  readonly rule: number;
  /** Nothing follows it. */
  readonly last: boolean;
}

function namedIn(body: Expression): Named[] {
  const found: Named[] = [];
  const visit = (at: Expression, last: boolean) => {
    if (at.type === 'rule') found.push({ rule: at.rule, last });
    const parts = partsOf(at);
    for (const [index, part] of parts.entries()) {
      const ends = at.type === 'alternatives' || index === parts.length - 1;
      visit(part, last && ends && (at.type !== 'repeat' || at.max === 1));
    }
  };
  visit(body, true);
  return found;
}
