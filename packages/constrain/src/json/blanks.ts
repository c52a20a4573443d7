import type { Gap } from './json-state.js';

export type Whitespace = 'any' | 'none' | 'spaced';

const blank = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Most blanks in a row where they are free: room for a line break and indentation, not for blanks for ever. */
export function mostBlanks(depth: number): number {
  return 16 + 8 * depth;
}

/** Whether `byte` may follow `count` blanks as a further one. */
export function takesBlank(
  whitespace: Whitespace,
  gap: Gap,
  depth: number,
  count: number,
  byte: number,
): boolean {
  if (whitespace === 'any') return blank(byte) && count < mostBlanks(depth);
  return byte === 0x20 && count < neededBlanks(whitespace, gap);
}

/** Blanks before anything else may come. */
export function neededBlanks(whitespace: Whitespace, gap: Gap): number {
  return whitespace === 'spaced' && (gap === 'comma' || gap === 'colon') ? 1 : 0;
}
