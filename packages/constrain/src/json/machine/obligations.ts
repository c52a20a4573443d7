import type { Formula } from '../formula/formula.js';

/** The formulas that a value must satisfy or is asked about by schemas around it. Immutable. */
export interface Obligations {
  /** The formula that is left to be satisfied. */
  readonly goal: Formula;
  /**
   * Questions of the containers around: whether the value satisfies them decides what else is asked
   * there.
   */
  readonly demands: readonly Demand[];
}

export interface Demand {
  /** The formula as asked at the beginning of the value. */
  readonly asked: Formula;
  /** The part of it that is left. */
  readonly left: Formula;
}

const none: readonly Demand[] = [];

/** The obligations of a value that has not begun. */
export function obligationsOf(goal: Formula, asked: readonly Formula[] = []): Obligations {
  return {
    goal,
    demands: asked.length === 0 ? none : asked.map((demand) => ({ asked: demand, left: demand })),
  };
}

/** With all that is left replaced; the same object if nothing changes. */
export function mapObligations(
  obligations: Obligations,
  replace: (left: Formula) => Formula,
): Obligations {
  const { goal, demands } = obligations;
  const replaced = replace(goal);
  if (demands.length === 0)
    return replaced === goal ? obligations : { goal: replaced, demands: none };
  let isSame = replaced === goal;
  const left = demands.map((demand) => {
    const after = replace(demand.left);
    if (after === demand.left) return demand;
    isSame = false;
    return { asked: demand.asked, left: after };
  });
  return isSame ? obligations : { goal: replaced, demands: left };
}

/** All that is left, the goal first. */
export function allLeft({ goal, demands }: Obligations): Formula[] {
  return [goal, ...demands.map(({ left }) => left)];
}

/** Equal for what has equal formulas left. */
export function keyOfLeft({ goal, demands }: Obligations): string {
  return demands.length === 0 ? String(goal.id) : `${goal.id},${idsOf(demands, 'left')}`;
}

/** Equal for what also asked the same at the beginning. */
export function keyOf(obligations: Obligations): string {
  const { demands } = obligations;
  const left = keyOfLeft(obligations);
  return demands.length === 0 ? left : `${left} ${idsOf(demands, 'asked')}`;
}

function idsOf(demands: readonly Demand[], part: keyof Demand): string {
  return demands.map((demand) => demand[part].id).join();
}
