import type { WhitespacePlace } from './json-state.js';

/** `'written'`: where people put them, of what `'any'` takes. */
export type Whitespace = 'any' | 'none' | 'spaced' | 'written';

const space = 0x20;
const newline = 0x0a;
const tab = 0x09;
const blank = (byte: number) => byte === space || byte === newline || byte === 0x0d || byte === tab;

/**
 * Most blanks in a row where they are free: room for a line break and indentation, not for blanks
 * forever.
 */
export function mostBlanks(depth: number): number {
  return 16 + 8 * depth;
}

/** Most spaces of indentation for each container that is open. */
const indentation = 4;
/** Runs of blanks as people write them: one space; or a line break and that many spaces or tabs. */
const oneSpace = 1;
const lineBreak = 2;
const tabs = 100_000;

/**
 * The run of blanks with one more: a number that tells runs apart, as far as that matters, 0 before
 * the first.
 * @param depth containers that are open around what follows
 * @returns undefined where the byte is none that may come
 */
export function afterBlank(
  whitespace: Whitespace,
  gap: WhitespacePlace,
  depth: number,
  run: number,
  byte: number,
): number | undefined {
  switch (whitespace) {
    case 'any':
      return blank(byte) && run < mostBlanks(depth) ? run + 1 : undefined;
    case 'written':
      return afterWritten(gap, depth, run, byte);
    default:
      return byte === space && run < neededBlanks(whitespace, gap) ? run + 1 : undefined;
  }
}

function afterWritten(
  gap: WhitespacePlace,
  depth: number,
  run: number,
  byte: number,
): number | undefined {
  if (gap === 'document') return undefined;
  if (byte === newline)
    return run === 0 && gap !== 'colon' && gap !== 'name' ? lineBreak : undefined;
  if (byte === space) {
    if (run === 0) return oneSpace;
    return run >= lineBreak && run < lineBreak + indentation * depth ? run + 1 : undefined;
  }
  if (byte !== tab || depth === 0) return undefined;
  if (run === lineBreak) return tabs + 1;
  return run > tabs && run < tabs + depth ? run + 1 : undefined;
}

/** Blanks before anything else may come. */
export function neededBlanks(whitespace: Whitespace, gap: WhitespacePlace): number {
  return whitespace === 'spaced' && (gap === 'comma' || gap === 'colon') ? 1 : 0;
}
