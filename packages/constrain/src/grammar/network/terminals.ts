import { type Expression, partsOf, type Rule, type Rules } from '../rules/expression.js';

/**
 * Terminals are regular: none derives itself.
 * @param refuse throws the error
 */
export function checkTerminals({ rules }: Rules, refuse: (rule: Rule) => never): void {
  const done = new Set<number>();
  const open = new Set<number>();
  const stack: { rule: number; named: number[] }[] = [];
  const enter = (rule: number) => {
    open.add(rule);
    stack.push({ rule, named: rulesIn(rules[rule].body) });
  };
  for (const [index, { name }] of rules.entries()) {
    if (name !== name.toUpperCase() || done.has(index)) continue;
    enter(index);
    while (stack.length > 0) {
      const at = stack[stack.length - 1];
      const named = at.named.pop();
      if (named === undefined) {
        open.delete(at.rule);
        done.add(at.rule);
        stack.pop();
      } else if (open.has(named)) refuse(rules[named]);
      else if (!done.has(named)) enter(named);
    }
  }
}

function rulesIn(expression: Expression): number[] {
  return expression.type === 'rule' ? [expression.rule] : partsOf(expression).flatMap(rulesIn);
}
