import type { Constraint } from '@pliant/constrain';

/** The same constraint, with the time spent in it. */
export function timedConstraint<State, Value>(
  constraint: Constraint<State, Value>,
): { readonly timed: Constraint<State, Value>; readonly times: { ms: number } } {
  const times = { ms: 0 };
  const timed = new Proxy(constraint, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...parameters: unknown[]) => {
        const started = performance.now();
        const result = Reflect.apply(value, target, parameters);
        times.ms += performance.now() - started;
        return result;
      };
    },
  });
  return { timed, times };
}
