/** The stacks that a command runs: `compare` the plain run first. */
export const plansOf = <T>(command: string, stack: readonly T[]): readonly (readonly T[])[] =>
  command === 'compare' && stack.length > 0 ? [[], stack] : [stack];
