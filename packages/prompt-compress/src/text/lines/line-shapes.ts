import { endsWithAbbreviation } from './abbreviations.js';
import { areRows, isDataLine } from './data-lines.js';
import type { Line } from './lines.js';

/**
 * How a line relates to those around it. `'blank'`; `'alone'`: a unit of its own, as rows of
 * tables, logs and programs, headings and rules; `'opens'`: the first line of an item, a header
 * field or what a speaker says, which later lines may continue; `'prose'`.
 */
export type LineShape = 'blank' | 'alone' | 'opens' | 'prose';

export const sentenceEnd = /[.!?…。！？؟۔।॥။។։።｡][\p{Pe}\p{Pf}\p{Pi}"'”’*_]*$/u;
const bullet = /^(?:(?:[-*+•◦▪‣●○·–—]|\[[ xX]\])\s+|o {2,})\S/;
const numbered =
  /^(?:\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\d{1,3}(?:\.\d{1,3}){1,4}\.?|\d{1,3}[、．])\s+\S/;
const heading = /^#{1,6}(?:\s|$)/;
/** `--dry-run`, of a manual page. */
const option = /^--?[a-zA-Z?][\w-]*(?:$|[ ,=[])/;
const rule = /^(?:([-*_=~#+])(?: *\1)+|[─━═—]{2,})$/;
/** `Subject: ...`, `Anna Berg: ...`, `max-size: 4`, `"name": ...` */
const field =
  /^(?:["']?[\p{L}_][\p{L}\p{N}_.\-/]*["']?(?: [\p{L}\p{N}_.\-/()]+){0,3}|\[[^\]]{1,20}\] ?[\p{L} ]{0,30}) ?[:：](?:\s|$|(?=\p{scx=Han}))/u;

/** @param isFenced whether a line, by its index, is part of a fenced code block */
export function lineShapes(
  text: string,
  lines: readonly Line[],
  isFenced: (index: number) => boolean,
): LineShape[] {
  const bodies = lines.map(({ body, to }) => text.slice(body, to));
  const isData = bodies.map((body) => body !== '' && isDataLine(body));
  const isField = bodies.map((body) => field.test(body.slice(0, 120)));
  const indents = lines.map(({ from, body }) => body - from);
  const shapes: LineShape[] = [];
  bodies.forEach((body, index) => {
    shapes.push(shapeOf(body, index));
  });
  return shapes;

  function shapeOf(body: string, index: number): LineShape {
    if (body === '') return 'blank';
    if (isFenced(index) || heading.test(body) || rule.test(body)) return 'alone';
    const before = bodies[index - 1] ?? '';
    const after = bodies[index + 1] ?? '';
    // In the middle of a sentence a line may begin with a date, a number and a full stop, or a word
    // and a colon.
    const isFree = shapes[index - 1] !== 'prose' && shapes[index - 1] !== 'opens';
    const mayBegin =
      isFree ||
      /[:：]$/.test(before) ||
      (sentenceEnd.test(before) && !endsWithAbbreviation(before));
    if (bullet.test(body)) return 'opens';
    if (numbered.test(body) && (mayBegin || countsOn(before, body) || countsOn(body, after)))
      return 'opens';
    if (option.test(body) && (mayBegin || indents[index] < indents[index - 1])) return 'opens';
    if (isData[index] && (mayBegin || isData[index - 1] || isData[index + 1])) return 'alone';
    if (before !== '' && areRows(before, body)) return 'alone';
    if (after !== '' && areRows(body, after)) return 'alone';
    // A field that is less indented than the item or text before it does not continue that:
    // `ports:`, `  - "80:80"`, `name: a`.
    const isOutside = before !== '' && indents[index] < indents[index - 1];
    if (isField[index] && (mayBegin || isOutside || isField[index - 1] || isField[index + 1]))
      return 'opens';
    // Underlined headings, and headings of manual pages.
    if (/^(?:=+|-{2,})$/.test(after) && body.length < 80 && isFree) return 'alone';
    if (isFree && /^\p{Lu}[\p{Lu} -]*$/u.test(body) && indents[index + 1] > indents[index] + 1)
      return 'alone';
    return 'prose';
  }
}

const romans = ['i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii', 'ix', 'x', 'xi', 'xii'];

/** Whether an item has the number or letter that follows that of the item before it. */
function countsOn(before: string, body: string): boolean {
  const [last, next] = [before, body].map(
    (line) => /^\(?(\d+|[a-zA-Z]|[ivxIVX]{2,5})[.)、．]/.exec(line)?.[1],
  );
  if (!last || !next) return false;
  const roman = romans.indexOf(next.toLowerCase());
  if (roman > 0 && romans[roman - 1] === last.toLowerCase()) return true;
  return /\d/.test(next)
    ? Number(next) === Number(last) + 1
    : next.charCodeAt(0) === last.charCodeAt(0) + 1;
}
