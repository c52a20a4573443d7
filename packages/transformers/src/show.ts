import { inspect } from 'node:util';

/** A value from a file, short enough for an error message however large or deep it is. */
export function show(value: unknown): string {
  return inspect(value, {
    depth: 1,
    breakLength: Number.POSITIVE_INFINITY,
    maxArrayLength: 8,
    maxStringLength: 40,
  }).slice(0, 120);
}
