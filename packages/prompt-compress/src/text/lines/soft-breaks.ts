import { type LineShape, sentenceEnd } from './line-shapes.js';
import type { Line } from './lines.js';

/** Fewest columns of a line that tells the width at which a text was wrapped. */
const narrowest = 30;

/** [lines], whether a line's end is a blank to the reader, since the next line continues it. */
export function softBreaks(
  text: string,
  lines: readonly Line[],
  shapes: readonly LineShape[],
): boolean[] {
  const bodies = lines.map(({ body, to }) => text.slice(body, to));
  const mayJoin = lines.map(
    ({ quoted }, i) =>
      (shapes[i] === 'prose' || shapes[i] === 'opens') &&
      shapes[i + 1] === 'prose' &&
      quoted === lines[i + 1].quoted,
  );
  const widths = bodies.map(columns);
  const wrapped = widths.map((width, i) =>
    width >= narrowest && mayJoin[i] && isContinued(bodies[i], bodies[i + 1]) ? width : 0,
  );
  const wrapWidth = most(wrapped);
  const isSoft = mayJoin.slice();
  for (let from = 0; from < lines.length; ) {
    let to = from + 1;
    while (mayJoin[to - 1] && to < lines.length) to++;
    const block = blockOf(bodies.slice(from, to), widths.slice(from, to));
    const wrappedAt = most(wrapped.slice(from, to)) || wrapWidth;
    for (; from < to; from++)
      isSoft[from] = mayJoin[from] && goesOn(bodies[from], bodies[from + 1], block, wrappedAt);
  }
  return isSoft;
}

/** Lines that may all be one paragraph, with the evidence for it. */
function blockOf(bodies: readonly string[], widths: readonly number[]): Block {
  const width = most(widths);
  const hasEnd = bodies.some((body) => /[.!?…。！？؟۔।။។։።](?:\s|$)|[。！？，]/u.test(body));
  const isList = !hasEnd && width < 40 && bodies.every((body) => /^\p{Ll}/u.test(body));
  return { width, hasEnd, isList };
}

/** @param wrappedAt width at which lines were certainly wrapped, 0 if none was */
function goesOn(
  body: string,
  next: string,
  { width, hasEnd, isList }: Block,
  wrappedAt: number,
): boolean {
  // The sentences decide.
  if (sentenceEnd.test(body)) return true;
  if (isList) return false;
  if (isContinued(body, next) || isUnderWay.test(body)) return true;
  // The line is so wide that the next word did not fit.
  const reached = columns(body) + 1 + columns(firstWord(next));
  if (/^["'“‘«([]*\p{Lo}/u.test(next))
    return hasEnd && columns(body) >= 24 && reached > 0.75 * width;
  if (wrappedAt === 0) return columns(body) >= 40 && hasEnd && /^\p{Lu}|^["'“‘«([\d]/u.test(next);
  return reached > (/^\p{Lu}/u.test(next) ? 0.75 : 0.6) * wrappedAt;
}

function most(numbers: readonly number[]): number {
  return numbers.reduce((found, one) => Math.max(found, one), 0);
}

interface Block {
  /** Columns of its widest line. */
  readonly width: number;
  /** Whether it holds an end of a sentence. */
  readonly hasEnd: boolean;
  /** Words in lower case, one or some a line. */
  readonly isList: boolean;
}

/** Whether a sentence ended within the line and another began. */
const isUnderWay = /\p{L}{2}[.!?]["')\]]*\s+\S[^.!?]*$/u;

/**
 * A next line in lower case continues, and so does any line after a comma, a hyphen or a small
 * word.
 */
function isContinued(body: string, next: string): boolean {
  if (sentenceEnd.test(body) || /[:：;；]$/.test(body)) return /^\p{Ll}/u.test(next);
  return (
    /^["'“‘«([]*\p{Ll}/u.test(next) ||
    /[,،，、\-‐–([“„«/&]$/.test(body) ||
    /\s(?:a|an|the|of|to|in|on|at|by|for|from|with|and|or|but|that|is|are|was|be|as|der|die|das|und|von|zu|mit|de|la|le|les|el|los|et|y|e|en|i|och|og|av|på)$/.test(
      body,
    )
  );
}

/** Counts columns; wide characters take two. */
function columns(text: string): number {
  return (
    text.length +
    (text.match(/[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/g)?.length ??
      0)
  );
}

function firstWord(text: string): string {
  return (
    /^(?:\p{scx=Han}|\p{scx=Hira}|\p{scx=Kana}|\p{sc=Thai}|\p{sc=Lao}|\p{sc=Khmr}){1,2}|^\S+/u.exec(
      text,
    )?.[0] ?? ''
  );
}
