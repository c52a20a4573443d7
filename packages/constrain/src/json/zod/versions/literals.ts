import type { View } from '../view.js';

/** One of some values. */
export function ofLiterals(values: readonly unknown[]): View {
  for (const value of values)
    if (!['string', 'number', 'boolean'].includes(typeof value) && value !== null)
      return { type: 'refused', what: `a literal of type ${typeof value}` };
  // Numbers that JSON has not (NaN) equal no value.
  return {
    type: 'scalar',
    schema: { enum: values.filter((value) => typeof value !== 'number' || Number.isFinite(value)) },
  };
}
