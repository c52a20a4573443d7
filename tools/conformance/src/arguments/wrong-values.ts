import { PliantError } from '@pliant/core';

/** One of each kind of value that callers hand over by mistake. */
export const wrongValues: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['undefined', undefined],
  ['null', null],
  ['NaN', Number.NaN],
  ['-1', -1],
  ['0.5', 0.5],
  ['1e9', 1e9],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['an empty string', ''],
  ['a string', 'x'],
  ['an empty list', []],
  ['a list of numbers', [1, 2]],
  ['{}', {}],
  ['a function', () => {}],
  ['true', true],
  ['a bigint', 1n],
  ['a symbol', Symbol('s')],
  ['an object without a prototype', Object.create(null)],
  ['a date', new Date(0)],
  ['a promise', Promise.resolve(1)],
  ['a long list', Array(9).fill('a')],
]);

export type Path = readonly (string | number)[];

/**
 * The path of each value within `value`; what is not plain (a decoder, a typed array) is replaced
 * whole.
 */
export function* pathsOf(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (path.length < 4 && isPlain(value))
    for (const key of Object.keys(value)) yield* pathsOf(value[key], [...path, key]);
}

/** Puts `value` at a path, in place. */
export function replaceAt(root: unknown, path: Path, value: unknown): void {
  let at = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1)!] = value;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.length <= 8;
  const isDecoder = 'capabilities' in value && 'open' in value;
  const isTokenizer = 'encode' in value && 'bytes' in value;
  return Object.getPrototypeOf(value) === Object.prototype && !isDecoder && !isTokenizer;
}

/**
 * Messages that only the engine writes. Inside a PliantError they show that nobody checked the
 * argument.
 */
const fromInside =
  /Cannot (read|set) prop|Cannot (destructure|convert|mix|use 'in')|\w\.\w+ is not a function|is not iterable|Invalid (array|typed array|string) length|Reduce of empty|must be of type/;

/** Says what is wrong with an error: it is not ours, or wraps one that is not. */
export function problemOf(error: unknown): string | undefined {
  const isTyped = PliantError.isInstance(error) && !fromInside.test(error.message);
  return isTyped ? undefined : `${(error as Error)?.name}: ${(error as Error)?.message}`;
}
