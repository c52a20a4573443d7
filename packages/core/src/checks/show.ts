import { inspect } from 'node:util';

/**
 * Any value as an error message shows it: short however large or deep it is, and without calling
 * anything of its own.
 */
export function show(value: unknown): string {
  return inspect(value, {
    depth: 1,
    breakLength: Number.POSITIVE_INFINITY,
    customInspect: false,
    maxArrayLength: 8,
    maxStringLength: 40,
  }).slice(0, 120);
}

/** The message of a thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : show(error);
}
