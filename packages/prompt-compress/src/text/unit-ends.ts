import { codeFences } from './code-fences.js';
import { lineShapes } from './lines/line-shapes.js';
import { type Line, linesOf } from './lines/lines.js';
import { softBreaks } from './lines/soft-breaks.js';
import { sentenceEnds } from './sentence-ends.js';
import type { TextRange } from './text-range.js';

/**
 * Finds where the units of a text end, ascending: sentences, in paragraphs whose wrapped lines are
 * joined, and lines that stand alone. The blanks and line ends between two units belong to the
 * later one.
 */
export function sentenceUnitEnds(text: string): number[] {
  const lines = linesOf(text);
  const shapes = lineShapes(text, lines, fencedLines(lines, codeFences(text)));
  const isSoft = softBreaks(text, lines, shapes);
  const ends: number[] = [];
  for (let first = 0; first < lines.length; ) {
    let last = first;
    while (isSoft[last]) last++;
    const paragraph = lines.slice(first, last + 1);
    if (shapes[first] === 'alone') ends.push(lines[first].to);
    else if (shapes[first] !== 'blank')
      for (const end of sentenceEnds(joined(text, paragraph))) ends.push(lines[first].from + end);
    first = last + 1;
  }
  return ends;
}

/**
 * Joins lines: blanks replace line ends, indentation and marks of quotation. Offsets count from the
 * first line's beginning.
 */
function joined(text: string, lines: readonly Line[]): string {
  return lines
    .map(
      ({ from, body, to, next }) =>
        ' '.repeat(body - from) + text.slice(body, to) + ' '.repeat(next - to),
    )
    .join('');
}

/** Returns where lines end, including their line ends. */
export function lineUnitEnds(text: string): number[] {
  return linesOf(text).map(({ next }) => next);
}

function fencedLines(
  lines: readonly Line[],
  fences: readonly TextRange[],
): (index: number) => boolean {
  const isFenced = new Uint8Array(lines.length);
  let line = 0;
  for (const { from, to } of fences) {
    while (lines[line].next <= from) line++;
    for (; line < lines.length && lines[line].from < to; line++) isFenced[line] = 1;
  }
  return (index) => isFenced[index] === 1;
}
